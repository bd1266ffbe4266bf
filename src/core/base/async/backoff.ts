/** Milliseconds to wait after `failures` failures in a row (from 0): `firstMs`, doubled each time, `longestMs` at most. */
export function backoffMs(failures: number, firstMs: number, longestMs: number): number {
  return Math.min(longestMs, firstMs * 2 ** failures);
}
