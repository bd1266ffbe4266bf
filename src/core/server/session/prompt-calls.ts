import { FastVideoError } from '../../base/errors.ts';

/** A call to the safety filter or to a provider that a session waits for. */
export interface PromptCall {
  /** What it is for, e.g. a request that waits; there is one call at a time for each. */
  readonly slot: string;
  /** What it depends on: a call with another key takes the place of the one that runs. */
  readonly key: unknown;
  /**
   * Whether it goes on when the state has no place for its answer at the moment. A client that takes a wish back and has
   * it again, by a toggle, gets the answer of the call that its first wish began.
   */
  readonly outlasts?: boolean;
  /** Makes the answer a step of the session, unless the signal has aborted. Rejects for a bug only. */
  run(signal: AbortSignal): Promise<void>;
}

export interface PromptCallOptions {
  /** Calls at once at most; the others wait. */
  readonly limit: number;
  /** Aborts when the session is over. */
  readonly over: AbortSignal;
  /** A call has ended; `bug` is set when it rejected. */
  readonly onEnd: (bug: { readonly error: unknown } | undefined) => void;
}

interface RunningCall {
  readonly call: PromptCall;
  readonly abort: AbortController;
}

/** The calls of one session that are under way: never more than its limit, and none that nobody needs. */
export class PromptCalls {
  readonly #options: PromptCallOptions;
  readonly #running = new Map<string, RunningCall>();

  constructor(options: PromptCallOptions) {
    this.#options = options;
  }

  /** To be called after each change with what the session waits for now, the most urgent first. */
  pursue(wanted: readonly PromptCall[]): void {
    const { limit, over } = this.#options;
    if (over.aborted) return;
    const bySlot = new Map(wanted.map((call) => [call.slot, call]));
    for (const [slot, { call, abort }] of this.#running) {
      const now = bySlot.get(slot);
      if (now ? now.key === call.key : call.outlasts) continue;
      this.#running.delete(slot);
      abort.abort(new FastVideoError('interrupted', 'The call is not needed any more.'));
    }
    for (const call of wanted) {
      if (this.#running.has(call.slot)) continue;
      if (this.#running.size >= limit) return;
      this.#start(call);
    }
  }

  #start(call: PromptCall): void {
    const { over, onEnd } = this.#options;
    const running = { call, abort: new AbortController() };
    this.#running.set(call.slot, running);
    const ended = (bug?: { readonly error: unknown }) => {
      if (this.#running.get(call.slot) === running) this.#running.delete(call.slot);
      onEnd(bug);
    };
    call.run(AbortSignal.any([over, running.abort.signal])).then(
      () => ended(),
      (error: unknown) => ended({ error }),
    );
  }
}
