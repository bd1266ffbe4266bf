import { backoffMs } from '../base/async/backoff.ts';
import { FastVideoError } from '../base/errors.ts';
import { lowerFirst } from './lower-first.ts';

const firstDelayMs = 250;
const longestDelayMs = 8000;

/** How long there has been no session, and how often one was tried again. */
export class Backoff {
  readonly #limitMs: number;
  #since: number | undefined;
  #failures = 0;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Whether a session is tried for again, and not for the first time. */
  get waiting(): boolean {
    return this.#failures > 0;
  }

  /** What is left of the limit; negative when it has passed. */
  get leftMs(): number {
    return this.#since === undefined ? this.#limitMs : this.#limitMs - (performance.now() - this.#since);
  }

  /** The time without a session begins, unless it has begun already. */
  begin(): void {
    this.#since ??= performance.now();
  }

  /** The session continues. */
  done(): void {
    this.#since = undefined;
    this.#failures = 0;
  }

  /**
   * Milliseconds until the next try; the last try comes when the limit ends, not before. Throws `upstream_timeout` when
   * the limit has passed.
   */
  nextDelayMs(why: string): number {
    this.begin();
    const { leftMs } = this;
    if (leftMs <= 0) throw this.limitError(why);
    return Math.min(backoffMs(this.#failures++, firstDelayMs, longestDelayMs), leftMs);
  }

  limitError(why: string): FastVideoError {
    const seconds = Math.round((this.#limitMs - this.leftMs) / 1000);
    const message = `No session could be opened within ${seconds} s: ${lowerFirst(why)}.`;
    return new FastVideoError('upstream_timeout', message);
  }
}
