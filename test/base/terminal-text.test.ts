import { expect, it } from 'vitest';
import { forTerminal } from '../../src/core/base/terminal-text.ts';

it('shows what would steer a terminal, and keeps lines and columns', () => {
  expect(forTerminal('a\u001b[31mb\r\n\tc\u0007\u009b1m\u202ed')).toBe(
    'a\\u001b[31mb\\u000d\n\tc\\u0007\\u009b1m\\u202ed',
  );
});
