import { FastVideoError } from '../base/errors.ts';
import type { AdapterSelection } from '../generators/adapters/selection.ts';
import { type Trigger, withTriggers } from '../generators/adapters/triggers.ts';
import type { GenerationRequest } from '../generators/generator.ts';

/** What a server has declared and applied; unset where it has no adapters. */
export interface ServerAdapterOptions {
  readonly declared: readonly Trigger[];
  /** What is applied from the start on. */
  readonly atStart: AdapterSelection;
}

/** The adapters of a pool: those that all sessions get which chose none. */
export class ServerAdapters {
  readonly #declared: readonly Trigger[];
  #current: AdapterSelection;
  /** The last one that every worker could apply. */
  #proven: AdapterSelection;

  constructor({ declared, atStart }: ServerAdapterOptions = { declared: [], atStart: [] }) {
    this.#declared = declared;
    this.#current = atStart;
    this.#proven = atStart;
  }

  get current(): AdapterSelection {
    return this.#current;
  }

  get any(): boolean {
    return this.#declared.length > 0;
  }

  /** What a segment is to be made with. */
  of({ adapters }: Pick<GenerationRequest, 'adapters'>): AdapterSelection {
    return adapters ?? this.#current;
  }

  /** The request as a worker gets it that has applied these, with their triggers in the prompt. */
  withTriggers(generation: GenerationRequest, applied: AdapterSelection): GenerationRequest {
    const prompt = withTriggers(generation.prompt, applied, this.#declared);
    return prompt === generation.prompt ? generation : { ...generation, prompt };
  }

  /** A worker could not apply it: what all of them could is applied again. */
  refused(selection: AdapterSelection): void {
    if (selection === this.#current) this.#current = this.#proven;
  }

  /**
   * Makes it the current one, and has each of these workers apply it at once, or behind the segment that it makes. Throws
   * `gpu_unavailable` where there are none, and the first error of those that cannot: then the one before stays.
   */
  async apply(selection: AdapterSelection, workers: readonly (() => Promise<void>)[]): Promise<void> {
    if (workers.length === 0) {
      throw new FastVideoError('gpu_unavailable', 'No worker is ready to apply adapters; try again.');
    }
    this.#current = selection;
    const results = await Promise.allSettled(workers.map((adapt) => adapt()));
    const failed = results.find((result) => result.status === 'rejected');
    if (!failed) {
      this.#proven = selection;
      return;
    }
    this.refused(selection);
    throw failed.reason;
  }
}
