import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SilenceWatch } from '../../../src/core/router/relay/silence-watch.ts';

describe('SilenceWatch', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Opening 1 s, answer 10 s. */
  function watch() {
    const state = { isDue: true, isDeaf: false, silentMs: [] as number[] };
    const silence = new SilenceWatch({
      limits: { openingMs: 1000, answerMs: 10_000 },
      isDue: () => state.isDue,
      isDeaf: () => state.isDeaf,
      onSilent: (ms) => state.silentMs.push(ms),
    });
    return { state, silence };
  }

  it('gives the first word its own time', () => {
    const { state, silence } = watch();
    silence.look();
    vi.advanceTimersByTime(1100);
    expect(state.silentMs).toHaveLength(1);
  });

  it('counts from the last word, not from the last question', () => {
    const { state, silence } = watch();
    silence.look();
    silence.heard();
    for (let second = 0; second < 9; second += 1) {
      vi.advanceTimersByTime(1000);
      silence.look();
    }
    expect(state.silentMs).toEqual([]);
    vi.advanceTimersByTime(1100);
    expect(state.silentMs).toHaveLength(1);
  });

  it('does not count while nothing is owed', () => {
    const { state, silence } = watch();
    state.isDue = false;
    silence.heard();
    vi.advanceTimersByTime(60_000);
    state.isDue = true;
    silence.look();
    vi.advanceTimersByTime(9000);
    expect(state.silentMs).toEqual([]);
    vi.advanceTimersByTime(1100);
    expect(state.silentMs).toHaveLength(1);
  });

  it('does not count while the replica cannot be heard', () => {
    const { state, silence } = watch();
    state.isDeaf = true;
    silence.look();
    vi.advanceTimersByTime(60_000);
    expect(state.silentMs).toEqual([]);
    state.isDeaf = false;
    vi.advanceTimersByTime(2100);
    expect(state.silentMs).toHaveLength(1);
  });

  it('is over when it was disposed of', () => {
    const { state, silence } = watch();
    silence.look();
    silence[Symbol.dispose]();
    vi.advanceTimersByTime(60_000);
    expect(state.silentMs).toEqual([]);
  });
});
