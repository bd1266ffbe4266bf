import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pace } from '../../src/core/generators/pace.ts';
import { ViewerClock } from '../../src/core/server/session/viewer-clock.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

describe('a viewer who watches the media as it comes', () => {
  it('has nothing at first: the lead may be made at once', () => {
    expect(new ViewerClock(500).aheadMs(0)).toBe(500);
  });

  it('has as much as has come and was not shown yet', () => {
    const clock = new ViewerClock(500);
    clock.mediaLeaves(0);
    vi.advanceTimersByTime(1800);
    // 2000 ms came, 1800 were shown: 300 ms more may be made at once.
    expect(clock.aheadMs(2000)).toBe(300);
    expect(clock.aheadMs(2600)).toBe(-300);
  });

  it('waits for media that comes late, and is no further then', () => {
    const clock = new ViewerClock(500);
    clock.mediaLeaves(0);
    vi.advanceTimersByTime(5000);
    expect(clock.aheadMs(2000)).toBe(500);
    vi.advanceTimersByTime(1000);
    clock.mediaLeaves(2000);
    vi.advanceTimersByTime(100);
    expect(clock.aheadMs(2400)).toBe(200);
  });
});

describe('a pace', () => {
  const signal = new AbortController().signal;

  it('holds no frame that was shown, nor one that is due', async () => {
    const pace = new Pace({ fps: 10, aheadMs: 0, firstFrame: 3 });
    for (let frame = 0; frame <= 3; frame += 1) await pace.frameIsDue(frame, signal);
    vi.advanceTimersByTime(100);
    await pace.frameIsDue(4, signal);
  });

  it('lets go of a frame that is not due when the run is to end', async () => {
    const pace = new Pace({ fps: 10, aheadMs: 0, firstFrame: 0 });
    await pace.frameIsDue(0, signal);
    const end = new AbortController();
    const held = pace.frameIsDue(100_000, end.signal);
    end.abort();
    await held;
  });
});
