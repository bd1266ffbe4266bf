/** Seconds of a media timeline, end excluded. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

/** Seconds behind the play head that stay: enough for the key frame that the picture hangs on. */
const keptBehind = 10;
/** Less than this is not worth a removal. */
const leastRemoved = 1;

/** The old part of the buffer that can go to make room; undefined when there is none. */
export function removableRange(ranges: readonly TimeRange[], currentTime: number): TimeRange | undefined {
  const start = ranges[0]?.start;
  if (start === undefined) return undefined;
  const end = currentTime - keptBehind;
  return end - start >= leastRemoved ? { start, end } : undefined;
}

/** Where to play on when nothing is buffered at `currentTime`; undefined when that is what to wait for. */
export function jumpTarget(ranges: readonly TimeRange[], currentTime: number): number | undefined {
  if (ranges.some(({ start, end }) => start <= currentTime && currentTime < end)) return undefined;
  return ranges.find(({ start }) => start > currentTime)?.start;
}
