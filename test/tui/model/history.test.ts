import { describe, expect, it } from 'vitest';
import { readFleet } from '../../../src/tui/model/fleet.ts';
import { addGap, addSample, emptyHistory, type History } from '../../../src/tui/model/history.ts';
import { firstMediaMs, megabytesPerSecond, segmentsPerSecond, series } from '../../../src/tui/model/rates.ts';
import { quietStatus } from '../sample-status.ts';

const fleet = (segments: number, bytes = segments * 1e6) =>
  readFleet(
    quietStatus({
      totals: {
        segments_completed: segments,
        segments_failed: 0,
        segments_cancelled: 0,
        media_bytes: bytes,
        first_media_count: segments,
        first_media_ms_sum: segments * 300,
      },
    }),
  );

function historyOf(...samples: readonly (readonly [atMs: number, segments: number])[]): History {
  return samples.reduce(
    (history, [atMs, segments]) => addSample(history, fleet(segments), atMs),
    emptyHistory,
  );
}

describe('rates', () => {
  it('are differences by the time between two polls', () => {
    const history = historyOf([0, 100], [2000, 104], [3000, 104], [4000, 106]);
    expect(series(history, segmentsPerSecond)).toEqual({ now: 6 / 4, values: [2, 0, 2] });
    expect(series(history, megabytesPerSecond).values).toEqual([2, 0, 2]);
    expect(series(history, firstMediaMs)).toEqual({ now: 300, values: [300, undefined, 300] });
  });

  it('are unknown after one poll, and on a server that counts nothing', () => {
    expect(series(historyOf([0, 5]), segmentsPerSecond)).toEqual({ now: undefined, values: [] });
    const { totals: _, ...foreign } = quietStatus();
    expect(addSample(emptyHistory, readFleet(foreign), 0)).toEqual(emptyHistory);
  });

  it('count from zero when the server was started again', () => {
    expect(series(historyOf([0, 1000], [1000, 3]), segmentsPerSecond).values).toEqual([3]);
  });

  it('have a gap where the server was away, and no leap over it', () => {
    const before = historyOf([0, 0], [1000, 1]);
    const after = addSample(addSample(addGap(addGap(before)), fleet(90), 90_000), fleet(92), 91_000);
    expect(series(after, segmentsPerSecond).values).toEqual([1, undefined, 2]);
  });

  it('are kept for no more polls than a screen shows', () => {
    const samples = Array.from({ length: 1000 }, (_, index) => [index * 1000, index] as const);
    expect(historyOf(...samples).intervals.length).toBeLessThanOrEqual(240);
  });

  it('of a router are the sums of its replicas, without a leap when one comes or goes', () => {
    const router = (...replicas: readonly (readonly [port: number, segments: number])[]) =>
      readFleet({
        replicas: replicas.map(([port, segments]) => {
          const [member] = fleet(segments).members;
          if (!member) throw new Error('A replica is a member of its own fleet.');
          return { url: `http://h:${port}`, status: 'healthy', detail: member.status };
        }),
      });
    let history = addSample(emptyHistory, router([1, 10], [2, 500]), 0);
    history = addSample(history, router([1, 11], [2, 502]), 1000);
    history = addSample(history, router([1, 12]), 2000);
    history = addSample(history, router([1, 13], [2, 900]), 3000);
    expect(series(history, segmentsPerSecond).values).toEqual([3, 1, 1]);
  });
});
