import { setTimeout as delay } from 'node:timers/promises';
import { FastVideoError } from '../base/errors.ts';
import { reconnectDelayMs } from './reconnect-delay.ts';

/** How long a connection has been lost, and how often it was tried again. */
export class Backoff {
  readonly #limitMs: number;
  #since: number | undefined;
  #attempts = 0;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  get waiting(): boolean {
    return this.#since !== undefined;
  }

  /** The session goes on. */
  done(): void {
    this.#since = undefined;
    this.#attempts = 0;
  }

  /** Milliseconds until the next try. Throws `upstream_timeout` when it was tried for long enough. */
  nextDelayMs(why: string): number {
    this.#since ??= performance.now();
    this.#attempts += 1;
    const lostForMs = performance.now() - this.#since;
    const delayMs = reconnectDelayMs(this.#attempts, lostForMs, this.#limitMs);
    if (delayMs !== undefined) return delayMs;
    const seconds = Math.round(lostForMs / 1000);
    const message = `No session could be opened within ${seconds} s: ${why}.`;
    throw new FastVideoError('upstream_timeout', message);
  }
}

/** Waits; throws the signal's reason when that aborts first. */
export async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(delayMs, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
