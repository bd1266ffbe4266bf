import { describe, expect, it } from 'vitest';
import { ArrivalPace } from '../../../src/client/player/arrival-pace.ts';
import { defaultLive, liveStep, liveWanted } from '../../../src/client/player/live-edge.ts';

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
  it('is followed with small changes of the rate', () => {
    expect(liveStep(1, defaultLive)).toEqual({ rate: 1 });
    expect(liveStep(1.2, defaultLive)).toEqual({ rate: 1 });
    expect(liveStep(1.5, defaultLive).rate).toBeCloseTo(1.05);
    expect(liveStep(4, defaultLive)).toEqual({ rate: 1.1 });
    expect(liveStep(0.5, defaultLive).rate).toBeCloseTo(0.95);
  });

  it('is played at from half of the latency on, and to the end where no more comes', () => {
    expect(liveWanted(true, defaultLive)).toBe(0.5);
    expect(liveWanted(false, defaultLive)).toBe(0);
  });

  it('is jumped to from far away', () => {
    expect(liveStep(7, { latency: 2, jumpAt: 6 })).toEqual({ rate: 1, jump: 5 });
  });
});
