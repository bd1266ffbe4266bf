import { afterEach, describe, expect, it, vi } from 'vitest';
import { Backoff } from '../../src/core/client/backoff.ts';

describe('the backoff of a client', () => {
  afterEach(() => void vi.useRealTimers());

  it('grows up to 8 s, ends with the limit, and is over after it', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const backoff = new Backoff(60_000);
    const delays = [1, 2, 3, 4, 5, 6, 7].map(() => backoff.nextDelayMs('it broke'));
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000]);
    vi.advanceTimersByTime(59_000);
    expect(backoff.nextDelayMs('it broke')).toBe(1000);
    vi.advanceTimersByTime(1000);
    expect(() => backoff.nextDelayMs('it broke')).toThrow(
      'No session could be opened within 60 s: it broke.',
    );
    backoff.done();
    expect(backoff.nextDelayMs('it broke')).toBe(250);
  });

  it('counts from when there is no session, also a first wait for a worker', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const backoff = new Backoff(8000);
    backoff.begin();
    vi.advanceTimersByTime(3000);
    expect([backoff.waiting, backoff.leftMs]).toEqual([false, 5000]);
    backoff.nextDelayMs('No worker became free');
    backoff.begin();
    vi.advanceTimersByTime(5000);
    expect([backoff.waiting, backoff.leftMs]).toEqual([true, 0]);
    expect(() => backoff.nextDelayMs('No worker became free')).toThrow(
      'No session could be opened within 8 s: no worker became free.',
    );
  });
});
