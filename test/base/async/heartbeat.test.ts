import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Heartbeat } from '../../../src/core/base/async/heartbeat.ts';

describe('a heartbeat', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function beating(allowed = 3) {
    let pings = 0;
    const silences: number[] = [];
    const heartbeat = new Heartbeat(
      { intervalMs: 1000, allowed },
      () => {
        pings += 1;
      },
      (silentMs) => silences.push(silentMs),
    );
    return { heartbeat, pings: () => pings, silences };
  }

  it('pings once an interval', () => {
    const { heartbeat, pings } = beating();
    expect(pings()).toBe(0);
    vi.advanceTimersByTime(1000);
    heartbeat.alive();
    vi.advanceTimersByTime(1000);
    expect(pings()).toBe(2);
    heartbeat.stop();
  });

  it('tells the silence once, after as many unanswered pings as are allowed, and pings no more', () => {
    const { pings, silences } = beating();
    vi.advanceTimersByTime(3999);
    expect(silences).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(silences).toEqual([3000]);
    vi.advanceTimersByTime(60_000);
    expect(silences).toEqual([3000]);
    expect(pings()).toBe(3);
  });

  it('takes an answer for all pings before it', () => {
    const { heartbeat, silences } = beating();
    for (let round = 0; round < 10; round += 1) {
      vi.advanceTimersByTime(3000);
      heartbeat.alive();
    }
    expect(silences).toEqual([]);
    heartbeat.stop();
  });

  it('is not satisfied for ever by one answer', () => {
    const { heartbeat, silences } = beating();
    vi.advanceTimersByTime(1000);
    heartbeat.alive();
    for (let round = 0; round < 4; round += 1) vi.advanceTimersByTime(1000);
    expect(silences).toEqual([3000]);
  });

  it('is silent for no time that nobody lived through: pings are counted, not seconds', () => {
    const { heartbeat, silences } = beating();
    vi.advanceTimersByTime(1000);
    // The machine slept for an hour.
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(1000);
    expect(silences).toEqual([]);
    heartbeat.stop();
  });

  it('says nothing after it was stopped', () => {
    const { heartbeat, pings, silences } = beating();
    heartbeat.stop();
    vi.advanceTimersByTime(60_000);
    expect([pings(), silences]).toEqual([0, []]);
  });
});
