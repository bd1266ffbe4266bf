import { orAborted } from '../base/async/aborted.ts';
import { deferred } from '../base/async/deferred.ts';
import type { SafetyDecision } from './safety-filter.ts';

/** The prompts of one call. */
export class PromptJob {
  readonly #decisions: SafetyDecision[];
  #open: number;
  readonly #done = deferred();
  /** Nobody waits for it any more. */
  abandoned = false;

  constructor(count: number) {
    this.#decisions = Array<SafetyDecision>(count);
    this.#open = count;
  }

  decide(index: number, decision: SafetyDecision): void {
    this.#decisions[index] = decision;
    this.#open -= 1;
    if (this.#open === 0) this.#done.resolve();
  }

  /** All decisions, in order. Throws the signal's reason. */
  async finished(signal: AbortSignal | undefined): Promise<readonly SafetyDecision[]> {
    if (this.#open === 0) return this.#decisions;
    try {
      await (signal ? orAborted(this.#done.promise, signal) : this.#done.promise);
      return this.#decisions;
    } finally {
      this.abandoned = this.#open > 0;
    }
  }
}

interface Entry {
  readonly job: PromptJob;
  readonly index: number;
  readonly prompt: string;
}

/** Prompts that wait for a batch, first come first served. */
export class BatchQueue {
  #entries: Entry[] = [];

  get length(): number {
    return this.#entries.length;
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** The next `count` prompts that somebody still waits for. */
  take(count: number): Entry[] {
    const taken: Entry[] = [];
    let seen = 0;
    for (const entry of this.#entries) {
      if (taken.length >= count) break;
      seen += 1;
      if (!entry.job.abandoned) taken.push(entry);
    }
    this.#entries.splice(0, seen);
    return taken;
  }
}
