import { describe, expect, it } from 'vitest';
import { driftOf, findings, holds, type LiveSample } from './verdict.ts';

const still: LiveSample = {
  minute: 0,
  lateMs: 1,
  edge: 0.1,
  head: -0.9,
  latency: 1,
  leastLatency: 0.9,
  mostLatency: 1.1,
  bufferedRanges: 1,
  bufferedSeconds: 70,
  wentBack: 0,
  stops: 0,
  jumps: 0,
  gaps: 0,
  errors: 0,
  segments: 10,
  disorder: 0,
  steered: 2,
  entries: 10,
  waiting: 1,
  serverMiB: 90,
  workersMiB: 190,
  rendererMiB: 160,
  heapMiB: 2,
  nodes: 168,
  listeners: 42,
};
const series = (change: (minute: number) => Partial<LiveSample>) =>
  Array.from({ length: 60 }, (_, minute) => ({ ...still, minute, ...change(minute) }));
const broken = (samples: readonly LiveSample[]) =>
  findings(samples)
    .filter((one) => !holds(one))
    .map(({ what }) => what);

describe('the verdict on a live soak', () => {
  it('has nothing to say of a stream that stays as it is', () => {
    expect(broken(series(() => ({})))).toEqual([]);
  });

  it('leaves out the warm-up', () => {
    const warm = (minute: number) => (minute < 15 ? { serverMiB: minute, edge: minute } : {});
    expect(broken(series(warm))).toEqual([]);
  });

  it('finds what drifts, in either direction', () => {
    expect(broken(series((minute) => ({ edge: -minute / 150 })))).toEqual(['drift of the live edge']);
    expect(broken(series((minute) => ({ latency: 1 + minute / 150 })))).toEqual(['drift of the latency']);
  });

  it('takes a stream that goes on later after a late piece of media for no drift', () => {
    const later = (minute: number) => ({
      edge: minute < 40 ? 0 : -5,
      head: minute < 40 ? -1 : -6,
      leastLatency: minute === 40 ? 0 : 0.9,
    });
    expect(broken(series(later))).toEqual([]);
    const stopped = (minute: number) => ({ ...later(minute), leastLatency: 0.9, stops: minute < 40 ? 0 : 1 });
    expect(broken(series(stopped))).toEqual([]);
    const silently = (minute: number) => ({ ...later(minute), leastLatency: 0.9 });
    expect(broken(series(silently))).toEqual(['drift of the live edge']);
  });

  it('finds what grows, and passes over what only swings', () => {
    expect(broken(series((minute) => ({ serverMiB: 90 + minute })))).toEqual(['growth of serverMiB']);
    expect(broken(series((minute) => ({ nodes: 168 + 2 * minute })))).toEqual(['growth of nodes']);
    expect(broken(series((minute) => ({ serverMiB: 90 + 20 * (minute % 2) })))).toEqual([]);
  });

  it('finds a play head that went back, a hole, and a buffer that is not emptied', () => {
    const samples = series(() => ({ gaps: 1, wentBack: 1, bufferedRanges: 2, bufferedSeconds: 200 }));
    expect(broken(samples)).toEqual([
      'holes in the media',
      'play head went back',
      'buffered ranges',
      'buffered',
    ]);
  });

  it('takes medians of both ends, so that one late look is no drift', () => {
    expect(driftOf([1, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 9, 1, 1])).toBe(0);
    expect(driftOf([1, 1, 1, 1, 2])).toBe(1);
  });
});
