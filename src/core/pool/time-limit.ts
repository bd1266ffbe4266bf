import { alarm } from '../base/async/deadline.ts';
import { FastVideoError } from '../base/errors.ts';
import type { RunSignals, SegmentEvent, SegmentRequest, SegmentRun } from './pool.ts';

/** The limit of a segment: one that is made no faster than it plays may take as long as it plays, too. */
export function limitOf({ pace, generation }: SegmentRequest, limitMs: number): number {
  if (!pace) return limitMs;
  return limitMs + (generation.numFrames * 1000) / generation.fps + Math.max(0, -pace.aheadMs);
}

/**
 * Begins a run that is abandoned when it takes longer than `limitMs`; it then throws `upstream_timeout`.
 * The time in which the consumer holds the run up does not count.
 */
export async function withTimeLimit(
  limitMs: number,
  signals: RunSignals,
  begin: (signals: RunSignals) => Promise<SegmentRun>,
): Promise<SegmentRun> {
  const clock = new RunClock(limitMs);
  try {
    clock.resume();
    const abandon = AbortSignal.any([signals.abandon, clock.late]);
    const run = await begin({ ...signals, abandon });
    clock.pause();
    return { totalSteps: run.totalSteps, events: limited(run.events, clock) };
  } catch (error) {
    clock.pause();
    throw clock.reasonInsteadOf(error);
  }
}

async function* limited(
  events: AsyncIterable<SegmentEvent>,
  clock: RunClock,
): AsyncGenerator<SegmentEvent, void, undefined> {
  try {
    clock.resume();
    for await (const event of events) {
      clock.pause();
      yield event;
      clock.resume();
    }
  } catch (error) {
    throw clock.reasonInsteadOf(error);
  } finally {
    clock.pause();
  }
}

class RunClock {
  readonly #limitMs: number;
  readonly #controller = new AbortController();
  #leftMs: number;
  #resumedAt = 0;
  #timer: Disposable | undefined;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.#leftMs = limitMs;
  }

  get late(): AbortSignal {
    return this.#controller.signal;
  }

  resume(): void {
    this.#resumedAt = performance.now();
    this.#timer = alarm(Math.max(1, this.#leftMs), () => {
      const message = `The segment took longer than ${this.#limitMs / 1000} s.`;
      this.#controller.abort(new FastVideoError('upstream_timeout', message));
    });
  }

  pause(): void {
    if (!this.#timer) return;
    this.#timer[Symbol.dispose]();
    this.#timer = undefined;
    this.#leftMs -= performance.now() - this.#resumedAt;
  }

  reasonInsteadOf(error: unknown): unknown {
    return this.late.aborted ? this.late.reason : error;
  }
}
