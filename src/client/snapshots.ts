import { withResolvers } from './channel.ts';
import { errorOf, FastVideoError } from './errors.ts';
import type { ContinuationState, ErrorServerFrame, ServerFrame } from './frames.ts';

/** The answers to `snapshot_state` that are waited for; a server answers in order. */
export class Snapshots {
  #waiting: ReturnType<typeof withResolvers<ContinuationState>>[] = [];

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** The next answer. Rejects with the server's error. */
  async next(): Promise<ContinuationState> {
    const answer = withResolvers<ContinuationState>();
    this.#waiting.push(answer);
    return await answer.promise;
  }

  take(frame: ServerFrame): void {
    if (frame.type === 'continuation_state_snapshot') this.#waiting.shift()?.resolve(frame.state);
    else if (this.answers(frame)) this.#waiting.shift()?.reject(errorOf(frame));
  }

  /** Whether an error is told to who waits for the snapshot. */
  answers(frame: ServerFrame): frame is ErrorServerFrame {
    if (frame.type !== 'error' || !this.isWaiting) return false;
    return frame.about ? frame.about.message === 'snapshot_state' : frame.code === 'internal_error';
  }

  /** The connection is gone. */
  lost(): void {
    const error = new FastVideoError('connection_lost', 'The connection broke before the snapshot came.', {
      retryable: true,
    });
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
