import type { History, Interval } from './history.ts';

/** A value over time: the mean of the last polls, and each poll's own. */
export interface Series {
  readonly now: number | undefined;
  readonly values: readonly (number | undefined)[];
}

/** Polls that the number beside a sparkline is the mean of. */
const window = 10;

type Measure = (interval: Interval) => readonly [amount: number, per: number];

export const segmentsPerSecond: Measure = ({ segments, seconds }) => [segments, seconds];
export const megabytesPerSecond: Measure = ({ bytes, seconds }) => [bytes / 1e6, seconds];
export const firstMediaMs: Measure = (interval) => [interval.firstMediaMs, interval.firstMediaCount];

export function series({ intervals }: History, measure: Measure): Series {
  const ratio = (amount: number, per: number) => (per > 0 ? amount / per : undefined);
  let amounts = 0;
  let pers = 0;
  for (const interval of intervals.slice(-window)) {
    if (!interval) continue;
    const [amount, per] = measure(interval);
    amounts += amount;
    pers += per;
  }
  return {
    now: ratio(amounts, pers),
    values: intervals.map((interval) => interval && ratio(...measure(interval))),
  };
}
