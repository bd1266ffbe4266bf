import { timeLimit, within } from './async/deadline.ts';
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

/** How long a part may take to stop, or to end its drain once the time for that is up. */
const usualLimitMs = 30_000;

/** Starts parts in order, stops them in reverse. Cleanup always runs and never hides the first error. */
export class Lifecycle {
  readonly #parts: readonly Part[];
  readonly #logger: Logger;
  readonly #limitMs: number;
  #started: Part[] = [];
  #stopped = false;

  /** @param limitMs - how long a part may take to stop before the stop goes on without it; 30 s by default */
  constructor(parts: readonly Part[], logger: Logger, limitMs = usualLimitMs) {
    this.#parts = parts;
    this.#logger = logger;
    this.#limitMs = limitMs;
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

  /** Lets running work end, for so many seconds at most. Never throws: what fails, or does not end then, is logged. */
  async drain(seconds: number): Promise<void> {
    const drainMs = Math.max(1, Math.round(seconds * 1000));
    // Unlike `AbortSignal.timeout` it keeps the process alive, which has to come to its end in order.
    using deadline = timeLimit(drainMs);
    const parts = [...this.#started].reverse();
    await Promise.all(
      parts.map((part) =>
        this.#attempt(part, 'drain failed', drainMs + this.#limitMs, async () =>
          part.drain?.(deadline.signal),
        ),
      ),
    );
  }

  /** Never throws: what fails, or does not end in time, is logged. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const parts = this.#started.reverse();
    this.#started = [];
    await this.#stopAll(parts);
  }

  async #stopAll(parts: readonly Part[]): Promise<void> {
    for (const part of parts) {
      await this.#attempt(part, 'stop failed', this.#limitMs, async () => part.stop?.());
    }
  }

  /** Never throws. Goes on without a part that waits for what never comes. */
  async #attempt({ name }: Part, failure: string, limitMs: number, act: () => Promise<void>): Promise<void> {
    const late = () => new Error(`It has not ended within ${limitMs / 1000} s.`);
    try {
      await within(limitMs, act, { late });
    } catch (error) {
      this.#logger.error({ part: name, error: errorMessage(error) }, failure);
    }
  }
}
