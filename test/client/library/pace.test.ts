import { describe, expect, it } from 'vitest';
import { ArrivalPace } from '../../../src/client/player/arrival-pace.ts';
import { defaultLive, LiveEdge, liveWanted } from '../../../src/client/player/live-edge.ts';

describe('the pace of arriving media', () => {
  it('says how much is wanted so that the rest of the segment comes in time', () => {
    const pace = new ArrivalPace();
    pace.segmentBegins(10, 4);
    expect(pace.rate).toBeUndefined();
    pace.arrived(10.5, 1000);
    pace.arrived(11, 2000);
    expect(pace.rate).toBe(0.5);
    expect(pace.isSlow).toBe(true);
    // 3 s are to come, in 6 s: with 3 s ahead the play head meets the end as it comes.
    expect(pace.wanted).toBe(3);
    pace.segmentEnds();
    expect(pace.wanted).toBe(0);
    expect(pace.isSlow).toBe(false);
  });

  it('wants nothing more where pictures come as fast as they are played', () => {
    const pace = new ArrivalPace();
    pace.segmentBegins(0, 2);
    pace.arrived(0.25, 0);
    expect(pace.wanted).toBeGreaterThan(1);
    pace.arrived(0.5, 100);
    expect(pace.wanted).toBe(0);
  });

  it('is measured anew in each segment, and has a limit', () => {
    const pace = new ArrivalPace();
    pace.segmentBegins(0, 1000);
    pace.arrived(1, 0);
    pace.arrived(1.1, 60_000);
    expect(pace.wanted).toBe(10);
    pace.segmentBegins(1.1, 2);
    expect(pace.rate).toBeUndefined();
  });
});

describe('the live edge', () => {
  const rateAt = (edge: LiveEdge, ahead: number) => edge.step(ahead, defaultLive).rate;

  it('is followed with small changes of the rate', () => {
    expect(rateAt(new LiveEdge(), 1)).toBe(1);
    expect(rateAt(new LiveEdge(), 1.15)).toBe(1);
    expect(rateAt(new LiveEdge(), 1.5)).toBeCloseTo(1.05);
    expect(rateAt(new LiveEdge(), 4)).toBe(1.1);
    expect(rateAt(new LiveEdge(), 0.5)).toBeCloseTo(0.95);
  });

  it('is gone to all the way once it was left, and passed by from neither side', () => {
    const behind = new LiveEdge();
    expect([1.3, 1.1, 1.01, 0.99, 1.15].map((ahead) => rateAt(behind, ahead))).toEqual([
      1.03, 1.02, 1.02, 1, 1,
    ]);
    const near = new LiveEdge();
    expect([0.7, 0.9, 1.01, 0.85].map((ahead) => rateAt(near, ahead))).toEqual([0.97, 0.98, 1, 1]);
  });

  it('is played at from half of the latency on, and to the end where no more comes', () => {
    expect(liveWanted(true, defaultLive)).toBe(0.5);
    expect(liveWanted(false, defaultLive)).toBe(0);
  });

  it('is jumped to from far away', () => {
    expect(new LiveEdge().step(7, { latency: 2, jumpAt: 6 })).toEqual({ rate: 1, jump: 5 });
  });
});
