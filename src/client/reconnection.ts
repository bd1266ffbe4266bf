import type { Retry } from './session-status.ts';

/** How a lost connection is opened again. */
export interface ReconnectOptions {
  /** Tries in a row after which it is left to the caller; 0: none. Default 8. */
  readonly attempts?: number;
  /** Milliseconds before the first try, doubled before each further one. Default 500. */
  readonly firstDelayMs?: number;
  /** Milliseconds before a try at most. Default 15 000. */
  readonly longestDelayMs?: number;
  /**
   * Milliseconds without a session after which it is left to the caller. The last try comes as they end; a first wait for
   * a worker has no limit but the server's. Default: no limit.
   */
  readonly limitMs?: number;
}

const defaults: Required<ReconnectOptions> = {
  attempts: 8,
  firstDelayMs: 500,
  longestDelayMs: 15_000,
  limitMs: Number.POSITIVE_INFINITY,
};

/** Milliseconds that a try may take which begins as the limit ends. */
const lastTryMs = 1000;
const longestTimerMs = 2 ** 31 - 1;

/** How often, and since when, a session is tried for. */
export class Reconnection {
  readonly #settings: Required<ReconnectOptions>;
  readonly #onLimit: () => void;
  #attempt = 0;
  /** Why there was no session at the last try. */
  #why = '';
  #since: number | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #limit: ReturnType<typeof setTimeout> | undefined;

  /** `onLimit`: a try has opened no session within the limit. */
  constructor(options: ReconnectOptions | undefined, onLimit: () => void) {
    this.#settings = { ...defaults, ...options };
    this.#onLimit = onLimit;
  }

  /** How many tries there were before this one. */
  get attempt(): number {
    return this.#attempt;
  }

  /** Whether it was tried again for as long as that goes. */
  get isOverLimit(): boolean {
    return this.#attempt > 0 && this.#leftMs <= 0;
  }

  /** Whether there were enough tries. */
  get isExhausted(): boolean {
    return this.#attempt >= this.#settings.attempts;
  }

  /** Why no further try follows. */
  endSentence(why: string = this.#why): string {
    if (this.isExhausted) return `Gave up after ${this.#settings.attempts} attempts.`;
    const seconds = Math.round((this.#settings.limitMs - this.#leftMs) / 1000);
    // As it stands behind a colon; an abbreviation or an address stays as it is.
    const clause = why.replace(/^[A-Z](?=[a-z]* )/, (letter) => letter.toLowerCase());
    return `No session could be opened within ${seconds} s: ${clause}.`;
  }

  /** A try begins. */
  begin(): void {
    this.#since ??= performance.now();
    clearTimeout(this.#pause);
    clearTimeout(this.#limit);
    if (this.#attempt === 0 || this.#settings.limitMs === Number.POSITIVE_INFINITY) return;
    // Where this program itself stood still, what came in meanwhile is dealt with first.
    const ring = () => {
      this.#limit = setTimeout(this.#onLimit);
    };
    this.#limit = setTimeout(ring, Math.min(Math.max(this.#leftMs, lastTryMs), longestTimerMs));
  }

  /** Begins another try after a pause; undefined when there were enough. */
  again(why: string, connect: () => void): Retry | undefined {
    clearTimeout(this.#limit);
    this.#why = why;
    const { attempts, firstDelayMs, longestDelayMs } = this.#settings;
    const leftMs = this.#leftMs;
    if (this.isExhausted || leftMs <= 0) return undefined;
    this.#attempt += 1;
    const attempt = this.#attempt;
    const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (attempt - 1), leftMs);
    clearTimeout(this.#pause);
    this.#pause = setTimeout(connect, delayMs);
    return { attempt, attempts, delayMs, at: Date.now() + delayMs, why };
  }

  /** The session is open, or is not tried for any more. */
  done(): void {
    this.#attempt = 0;
    this.#since = undefined;
    clearTimeout(this.#pause);
    clearTimeout(this.#limit);
  }

  get #leftMs(): number {
    this.#since ??= performance.now();
    return this.#settings.limitMs - (performance.now() - this.#since);
  }
}
