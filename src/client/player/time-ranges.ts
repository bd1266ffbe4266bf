import type { TimeRange } from './buffered-range.ts';

export function rangesOf(buffered: TimeRanges): TimeRange[] {
  return Array.from({ length: buffered.length }, (_, index) => ({
    start: buffered.start(index),
    end: buffered.end(index),
  }));
}
