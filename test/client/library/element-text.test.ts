import { expect, test } from 'vitest';
import { statusText } from '../../../src/client/player/element-text.ts';
import { idleStatus } from '../../../src/client/session-status.ts';

test('the next try is counted down', () => {
  const retry = { attempt: 2, attempts: 8, delayMs: 4000, at: 10_000, why: 'it broke' };
  const status = { ...idleStatus, phase: 'reconnecting', retry } as const;
  expect(statusText(status, 6500)).toBe('No connection. Try 2 of 8 in 4 s');
  expect(statusText(status, 11_000)).toBe('No connection. Try 2 of 8 in 0 s');
});

test('who waits is told the place, and who watches nothing', () => {
  expect(statusText({ ...idleStatus, phase: 'queued', position: 3 }, 0)).toContain('place 3');
  expect(statusText({ ...idleStatus, phase: 'active' }, 0)).toBe('');
  expect(statusText({ ...idleStatus, phase: 'disconnected', detail: 'Gave up after 8 attempts.' }, 0)).toBe(
    'Not connected. Gave up after 8 attempts.',
  );
});
