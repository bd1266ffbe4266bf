import { alarm } from '../../base/async/deadline.ts';
import { type Deferred, deferred } from '../../base/async/deferred.ts';
import { FastVideoError } from '../../base/errors.ts';
import type { FromWorker, ToWorker } from '../../protocol/worker/messages.ts';
import { type AdapterSelection, sameSelection } from '../adapters/selection.ts';
import type { GenerationRequest } from '../generator.ts';

/** The adapters that are to be applied, as asked at the moment when they are. */
export interface WantedAdapters {
  now(): AdapterSelection;
  /** Is told, before anything else is made, of a selection that could not be applied. */
  refused(selection: AdapterSelection): void;
}

/** Those of one run. */
export interface RunAdapters extends WantedAdapters {
  /** The request as it is to be sent with what is applied. */
  withTriggers(request: GenerationRequest, applied: AdapterSelection): GenerationRequest;
}

interface ExchangeOptions {
  readonly send: (message: ToWorker) => void;
  readonly timeoutMs: number;
  /** The worker has not answered in time. */
  readonly onStuck: () => void;
}

type Answer = Extract<FromWorker, { type: 'adapters_applied' | 'adapters_failed' }>;

/** What a program has applied, and how it is told to apply something else. */
export class AdapterExchange {
  readonly #options: ExchangeOptions;
  #applied: AdapterSelection = [];
  #asked: { readonly id: number; readonly answer: Deferred<void> } | undefined;
  #nextId = 1;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  get applied(): AdapterSelection {
    return this.#applied;
  }

  /**
   * Applies what is wanted, unless it is applied. Throws `generator_failed` with what the worker says when it cannot: it
   * has none applied then; and what {@link end} was called with.
   */
  async apply({ now, refused }: WantedAdapters): Promise<void> {
    const selection = now();
    if (sameSelection(selection, this.#applied)) return;
    this.#applied = [];
    const asked = { id: this.#nextId++, answer: deferred() };
    this.#asked = asked;
    using _ = alarm(this.#options.timeoutMs, this.#options.onStuck);
    this.#options.send({ type: 'adapters', id: asked.id, adapters: [...selection] });
    try {
      await asked.answer.promise;
      this.#applied = selection;
    } catch (error) {
      refused(selection);
      throw error;
    } finally {
      this.#asked = undefined;
    }
  }

  receive(message: Answer): void {
    if (message.id !== this.#asked?.id) return;
    const { answer } = this.#asked;
    if (message.type === 'adapters_applied') answer.resolve();
    else answer.reject(new FastVideoError('generator_failed', message.message));
  }

  /** The program is gone. */
  end(error: FastVideoError): void {
    this.#asked?.answer.reject(error);
  }
}
