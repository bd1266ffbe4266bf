import { FastVideoError } from '../base/errors.ts';
import type { RunSignals, SegmentEvent } from './pool.ts';

/**
 * The events of a run that is abandoned when it takes longer than `limitMs`; it then throws `upstream_timeout`.
 * The time in which the consumer holds the run up does not count.
 */
export async function* withTimeLimit(
  limitMs: number,
  signals: RunSignals,
  run: (signals: RunSignals) => AsyncIterable<SegmentEvent>,
): AsyncGenerator<SegmentEvent, void, undefined> {
  const late = new AbortController();
  const abandon = AbortSignal.any([signals.abandon, late.signal]);
  let left = limitMs;
  let startedAt = performance.now();
  const startClock = () => {
    startedAt = performance.now();
    return setTimeout(() => late.abort(), Math.max(1, left));
  };
  let timer = startClock();
  try {
    for await (const event of run({ cancel: signals.cancel, abandon })) {
      clearTimeout(timer);
      left -= performance.now() - startedAt;
      yield event;
      timer = startClock();
    }
  } catch (error) {
    if (!late.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  if (late.signal.aborted) {
    throw new FastVideoError('upstream_timeout', `The segment took longer than ${limitMs / 1000} s.`);
  }
}
