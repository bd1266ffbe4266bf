import type { FastVideoError } from '../base/errors.ts';
import type { StreamObserver } from './client-event.ts';
import { aboutPrompt, type Failure } from './segment-failure.ts';
import type { SegmentPlan } from './segment-plan.ts';

/** Segments in a row that the server chose itself and could not make. */
const mostOwnFailures = 3;

/** What segments of a film failed, and what that means for it. */
export class SegmentFailures {
  readonly #plan: SegmentPlan;
  readonly #observer: StreamObserver;
  #inRow = 0;
  #last: FastVideoError | undefined;
  #ending: FastVideoError | undefined;

  constructor(plan: SegmentPlan, observer: StreamObserver) {
    this.#plan = plan;
    this.#observer = observer;
  }

  /** What ends the film, once the segment that was being made then is whole. */
  get ending(): FastVideoError | undefined {
    return this.#ending;
  }

  /** The last one that did not end it. */
  get last(): FastVideoError | undefined {
    return this.#last;
  }

  segmentMade(): void {
    this.#inRow = 0;
  }

  take(failure: Failure): void {
    const { failed, error, next } = failure;
    if (next !== 'failed' && (failed?.own ?? next === 'again')) this.#inRow += 1;
    const then = this.#inRow >= mostOwnFailures ? 'failed' : next;
    const prompt = failed?.request.prompt ?? '';
    const { code, message } = error;
    this.#observer.event({ event: 'segment_failed', prompt, code, message, next: then });
    if (then === 'failed') {
      this.#ending ??= aboutPrompt(failure);
      return;
    }
    this.#last = aboutPrompt(failure);
    if (then === 'again' && failed && !failed.own) this.#plan.again(failed.request);
    if (then === 'skipped') this.#plan.skip();
  }
}
