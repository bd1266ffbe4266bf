import { backoffMs } from '../../base/async/backoff.ts';
import { errorMessage } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { ClassifierProcess } from './classifier-process.ts';

const firstPauseMs = 200;
const longestPauseMs = 30_000;

/** Keeps one process of classifiers: starts it again when it dies, with pauses that grow from the second death on. */
export class Supervisor {
  readonly #start: (signal: AbortSignal) => Promise<ClassifierProcess>;
  readonly #logger: Logger | undefined;
  #current: Promise<ClassifierProcess> | undefined;
  #failures = 0;
  #lastError = '';
  /** On the process's monotonic clock. */
  #notBefore = 0;
  readonly #closing = new AbortController();

  /** `start` gives up with the signal. */
  constructor(start: (signal: AbortSignal) => Promise<ClassifierProcess>, logger: Logger | undefined) {
    this.#start = start;
    this.#logger = logger;
  }

  /** The process, started when there is none. Throws why there is none while a pause lasts. */
  acquire(): Promise<ClassifierProcess> {
    if (this.#closing.signal.aborted) return Promise.reject(new Error('The safety filter is closed.'));
    if (this.#current) return this.#current;
    if (performance.now() < this.#notBefore) return Promise.reject(new Error(this.#lastError));
    this.#current = this.#start(this.#closing.signal).then(
      (process) => {
        void process.exited.then((how) => this.#died(how));
        return process;
      },
      (error: unknown) => {
        this.#current = undefined;
        if (this.#closing.signal.aborted) throw error;
        this.#failed(errorMessage(error));
        this.#logger?.error({ error: errorMessage(error) }, 'safety classifiers could not be loaded');
        throw error;
      },
    );
    return this.#current;
  }

  /** It has done its work: the next death is the first one. */
  worked(): void {
    this.#failures = 0;
  }

  /** Ends the process, and a start with `reason`. */
  async close(reason: unknown = new Error('The safety filter is closed.')): Promise<void> {
    const current = this.#current;
    this.#closing.abort(reason);
    // One that could not be started has nothing to end, and whoever asked for it was told why.
    const process = await current?.catch(() => undefined);
    await process?.stop();
  }

  #died(how: string): void {
    this.#current = undefined;
    if (this.#closing.signal.aborted) return;
    this.#failed(`The classifiers' process ${how}`);
    this.#logger?.warn({ reason: this.#lastError }, 'safety classifiers died');
    // The next prompt should find them ready. What goes wrong is logged, and told to that prompt.
    if (this.#failures === 1) this.acquire().catch(() => undefined);
  }

  #failed(why: string): void {
    this.#failures += 1;
    this.#lastError = why;
    if (this.#failures < 2) return;
    this.#notBefore = performance.now() + backoffMs(this.#failures - 2, firstPauseMs, longestPauseMs);
  }
}
