import { backoffMs } from '../base/async/backoff.ts';
import { FastVideoError } from '../base/errors.ts';

const firstDelayMs = 250;
const longestDelayMs = 8000;

/** How long a connection has been lost, and how often it was tried again. */
export class Backoff {
  readonly #limitMs: number;
  #since: number | undefined;
  #failures = 0;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  get waiting(): boolean {
    return this.#since !== undefined;
  }

  /** The session goes on. */
  done(): void {
    this.#since = undefined;
    this.#failures = 0;
  }

  /**
   * Milliseconds until the next try; the last try comes when the limit ends, not before. Throws `upstream_timeout` when
   * it was tried for long enough.
   */
  nextDelayMs(why: string): number {
    this.#since ??= performance.now();
    const lostForMs = performance.now() - this.#since;
    const leftMs = this.#limitMs - lostForMs;
    if (leftMs > 0) return Math.min(backoffMs(this.#failures++, firstDelayMs, longestDelayMs), leftMs);
    const seconds = Math.round(lostForMs / 1000);
    const message = `No session could be opened within ${seconds} s: ${why}.`;
    throw new FastVideoError('upstream_timeout', message);
  }
}
