/** To a microsecond: sums of durations must not show their rounding errors. */
export function roundMs(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
