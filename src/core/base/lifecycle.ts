import { errorMessage } from './errors.ts';
import type { Logger } from './log.ts';

/** One part of a process that has to be started and stopped. */
export interface Part {
  readonly name: string;
  start?(): Promise<void>;
  /** Lets running work end and takes no new; called before any part is stopped. */
  drain?(deadline: AbortSignal): Promise<void>;
  stop?(): Promise<void>;
}

/** Starts parts in order, stops them in reverse. Cleanup always runs and never hides the first error. */
export class Lifecycle {
  readonly #parts: readonly Part[];
  readonly #logger: Logger;
  #started: Part[] = [];
  #stopped = false;

  constructor(parts: readonly Part[], logger: Logger) {
    this.#parts = parts;
    this.#logger = logger;
  }

  /**
   * Throws the first error, after it has stopped what was started before. Once `stop` is called no further part is
   * started, and one that was just starting is stopped again when it has.
   */
  async start(): Promise<void> {
    for (const part of this.#parts) {
      if (this.#stopped) return;
      this.#started.push(part);
      try {
        await part.start?.();
      } catch (error) {
        await this.stop();
        throw error;
      }
      if (this.#stopped) await this.#stopAll([part]);
    }
  }

  async drain(seconds: number): Promise<void> {
    const deadline = AbortSignal.timeout(Math.max(1, Math.round(seconds * 1000)));
    await Promise.all(
      [...this.#started].reverse().map(async (part) => {
        try {
          await part.drain?.(deadline);
        } catch (error) {
          this.#logger.error({ part: part.name, error: errorMessage(error) }, 'drain failed');
        }
      }),
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const parts = this.#started.reverse();
    this.#started = [];
    await this.#stopAll(parts);
  }

  async #stopAll(parts: readonly Part[]): Promise<void> {
    for (const part of parts) {
      try {
        await part.stop?.();
      } catch (error) {
        this.#logger.error({ part: part.name, error: errorMessage(error) }, 'stop failed');
      }
    }
  }
}
