/** Seconds of a media timeline, end excluded. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

/** Seconds behind the play head that stay when the buffer is full: enough for the key frame that the picture hangs on. */
export const leastBehind = 10;
/** Less than this is not worth a removal. */
const leastRemoved = 1;

/** The old part of the buffer that can go to make room; undefined when there is none. */
export function removableRange(
  ranges: readonly TimeRange[],
  currentTime: number,
  keptBehind: number,
): TimeRange | undefined {
  const start = ranges[0]?.start;
  if (start === undefined) return undefined;
  const end = currentTime - keptBehind;
  return end - start >= leastRemoved ? { start, end } : undefined;
}

/** Seconds before the picture that a live stream stands on, which the browser needs to go on showing it. */
const shownAhead = 1;

/**
 * What a live stream that stands still will not show any more: all between the play head and the newest `kept` seconds;
 * undefined when there is none.
 */
export function skippedRange(
  ranges: readonly TimeRange[],
  currentTime: number,
  kept: number,
): TimeRange | undefined {
  const last = ranges.at(-1);
  if (!last) return undefined;
  const start = Math.max(last.start, currentTime + shownAhead);
  const end = last.end - kept;
  return end - start >= leastRemoved ? { start, end } : undefined;
}

/**
 * Where to play on when nothing is buffered at `currentTime`; undefined when that is what to wait for. `tolerance`: seconds
 * before the end of a range that count as its end, as browsers stop a little before it.
 */
export function jumpTarget(
  ranges: readonly TimeRange[],
  currentTime: number,
  tolerance = 0,
): number | undefined {
  if (ranges.some(({ start, end }) => start <= currentTime && currentTime < end - tolerance))
    return undefined;
  return ranges.find(({ start }) => start > currentTime)?.start;
}

/** Seconds that are buffered from `currentTime` on without a gap. */
export function bufferedAhead(ranges: readonly TimeRange[], currentTime: number): number {
  const range = ranges.find(({ start, end }) => start <= currentTime && currentTime < end);
  return range ? range.end - currentTime : 0;
}
