import { expect, it } from 'vitest';
import { retryAfterMs } from '../../src/core/prompts/providers/retry-after.ts';

it.each([
  ['30', 30_000],
  [' 0 ', 0],
  ['1.5', 1500],
  ['Tue, 01 Jan 2030 00:00:20 GMT', 20_000],
  ['Mon, 31 Dec 2029 00:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('Retry-After %j is %s ms', (value, ms) => {
  expect(retryAfterMs(value, Date.parse('2030-01-01T00:00:00Z'))).toBe(ms);
});
