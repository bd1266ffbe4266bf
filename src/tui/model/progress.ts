import type { SessionReading } from '../source/status-reading.ts';

/** Steps done of the segment that is being made. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly text: string;
}

export function progressOf({
  segment_idx,
  step = 0,
  total_steps: total = 0,
}: SessionReading): Progress | undefined {
  if (segment_idx == null || total === 0) return undefined;
  const done = Math.min(step, total);
  return { done, total, text: `${String(done).padStart(String(total).length)}/${total}` };
}
