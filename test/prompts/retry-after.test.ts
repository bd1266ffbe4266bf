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
  ['99999999999', 86_400_000],
  ['9'.repeat(400), 86_400_000],
])('Retry-After %j is %s ms', (value, ms) => {
  const headers = new Headers(value === null ? {} : { 'retry-after': value });
  expect(retryAfterMs(headers, Date.parse('2030-01-01T00:00:00Z'))).toBe(ms);
});

it('takes retry-after-ms before it', () => {
  expect(retryAfterMs(new Headers({ 'retry-after-ms': '250', 'retry-after': '1' }), 0)).toBe(250);
});
