import type { Fleet } from './fleet.ts';

interface Totals {
  readonly segments: number;
  readonly bytes: number;
  readonly firstMediaCount: number;
  readonly firstMediaMs: number;
}

interface Sample {
  readonly atMs: number;
  readonly totals: ReadonlyMap<string, Totals>;
}

/** What happened between two polls. */
export interface Interval {
  readonly seconds: number;
  readonly segments: number;
  readonly bytes: number;
  readonly firstMediaCount: number;
  readonly firstMediaMs: number;
}

export interface History {
  readonly last?: Sample;
  /** The oldest first; `undefined` where the server was away. */
  readonly intervals: readonly (Interval | undefined)[];
}

/** As many as the widest sparkline shows. */
const longest = 240;

export const emptyHistory: History = { intervals: [] };

/** The history with one more poll. */
export function addSample(history: History, fleet: Fleet, atMs: number): History {
  const totals = new Map<string, Totals>();
  for (const { name, status } of fleet.members) {
    if (!status.totals) continue;
    totals.set(name, {
      segments: status.totals.segments_completed,
      bytes: status.totals.media_bytes,
      firstMediaCount: status.totals.first_media_count,
      firstMediaMs: status.totals.first_media_ms_sum,
    });
  }
  if (totals.size === 0) return history;
  const last = { atMs, totals };
  if (!history.last) return { ...history, last };
  return { last, intervals: [...history.intervals, difference(history.last, last)].slice(-longest) };
}

/** The history with a poll that failed: a gap, and no difference over it. */
export function addGap(history: History): History {
  if (!history.last) return history;
  return { intervals: [...history.intervals, undefined].slice(-longest) };
}

function difference(before: Sample, after: Sample): Interval | undefined {
  const seconds = (after.atMs - before.atMs) / 1000;
  if (seconds <= 0) return undefined;
  const sum = { seconds, segments: 0, bytes: 0, firstMediaCount: 0, firstMediaMs: 0 };
  for (const [name, now] of after.totals) {
    const then = before.totals.get(name);
    // Lower totals are those of a server that was started again: they count from zero.
    const base = then && then.segments <= now.segments && then.bytes <= now.bytes ? then : undefined;
    if (!then) continue;
    sum.segments += now.segments - (base?.segments ?? 0);
    sum.bytes += now.bytes - (base?.bytes ?? 0);
    sum.firstMediaCount += now.firstMediaCount - (base?.firstMediaCount ?? 0);
    sum.firstMediaMs += now.firstMediaMs - (base?.firstMediaMs ?? 0);
  }
  return sum;
}
