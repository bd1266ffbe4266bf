import type { SafetyDecision } from './safety-filter.ts';

/** The prompts of one call. */
export class PromptJob {
  readonly #decisions: SafetyDecision[];
  #open: number;
  #finish: () => void = () => undefined;
  /** Nobody waits for it any more. */
  abandoned = false;

  constructor(count: number) {
    this.#decisions = Array<SafetyDecision>(count);
    this.#open = count;
  }

  decide(index: number, decision: SafetyDecision): void {
    this.#decisions[index] = decision;
    this.#open -= 1;
    if (this.#open === 0) this.#finish();
  }

  /** All decisions, in order. Throws the signal's reason. */
  async finished(signal: AbortSignal | undefined): Promise<readonly SafetyDecision[]> {
    if (this.#open === 0) return this.#decisions;
    let onAbort = () => {};
    try {
      await new Promise<void>((resolve, reject) => {
        this.#finish = resolve;
        onAbort = () => {
          this.abandoned = true;
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
      });
      return this.#decisions;
    } finally {
      signal?.removeEventListener('abort', onAbort);
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
