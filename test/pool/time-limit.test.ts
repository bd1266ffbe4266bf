import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RunSignals, SegmentEvent } from '../../src/core/pool/pool.ts';
import { withTimeLimit } from '../../src/core/pool/time-limit.ts';

const signals: RunSignals = { cancel: new AbortController().signal, abandon: new AbortController().signal };
const step: SegmentEvent = { type: 'step', step: 1, totalSteps: 1, stage: 'denoise' };

async function* stuckAfter(
  events: readonly SegmentEvent[],
  abandon: AbortSignal,
): AsyncGenerator<SegmentEvent> {
  yield* events;
  await new Promise((_, reject) => {
    abandon.addEventListener('abort', () => reject(abandon.reason), { once: true });
  });
}

describe('the time limit of a segment', () => {
  afterEach(() => void vi.useRealTimers());

  it('abandons a run that hangs, with upstream_timeout', async () => {
    const run = await withTimeLimit(30, signals, async ({ abandon }) => ({
      totalSteps: 1,
      events: stuckAfter([step], abandon),
    }));
    const seen: SegmentEvent[] = [];
    const consume = (async () => {
      for await (const event of run.events) seen.push(event);
    })();
    await expect(consume).rejects.toMatchObject({ code: 'upstream_timeout', retryable: true });
    expect(seen).toEqual([step]);
  });

  it('holds for a run that never begins', async () => {
    const never = withTimeLimit(
      20,
      signals,
      ({ abandon }) =>
        new Promise((_, reject) => {
          abandon.addEventListener('abort', () => reject(new Error('abandoned')), { once: true });
        }),
    );
    await expect(never).rejects.toMatchObject({ code: 'upstream_timeout' });
  });

  it('does not count the time in which the consumer holds the run up', async () => {
    async function* quick(): AsyncGenerator<SegmentEvent> {
      yield step;
      yield step;
      yield step;
    }
    vi.useFakeTimers();
    const run = await withTimeLimit(200, signals, async () => ({ totalSteps: 3, events: quick() }));
    let events = 0;
    for await (const _ of run.events) {
      events += 1;
      vi.advanceTimersByTime(150);
    }
    expect(events).toBe(3);
  });
});
