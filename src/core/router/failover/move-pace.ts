import { pause } from '../../base/async/aborted.ts';
import { backoffMs } from '../../base/async/backoff.ts';

const firstPauseMs = 250;
/** Who keeps a session that long has taken it, also when nobody asks anything of it. */
const settledMs = 30_000;

/**
 * How soon a session that was lost is moved, and how long that may take. The first time it is moved at once. A replica
 * that loses it again with nothing come of it may be lost because of it: each time the pause is twice as long, and all
 * of that counts as time without a replica.
 */
export class MovePace {
  readonly #limitMs: number;
  #leftMs: number;
  /** Losses in a row for which it pauses. */
  #losses = 0;

  /** @param limitMs - how long a session may be without a replica */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.#leftMs = limitMs;
  }

  /** Waits until the next replica may be tried. Gives how long finding one may take; undefined when the time is over. */
  async pause(over: AbortSignal): Promise<number | undefined> {
    const leftMs = this.#leftMs;
    if (this.#losses === 0) return leftMs;
    const pauseMs = backoffMs(this.#losses - 1, firstPauseMs, Number.POSITIVE_INFINITY);
    await pause(Math.min(pauseMs, leftMs), over);
    return pauseMs < leftMs ? leftMs - pauseMs : undefined;
  }

  /** It took so long to find a replica. */
  took(ms: number): void {
    this.#leftMs -= ms;
  }

  /**
   * A replica that it was moved to has lost it.
   *
   * @param keptMs - how long it had it
   * @param wentOn - whether the client got anything more
   */
  lostAgain(keptMs: number, wentOn: boolean): void {
    const settled = wentOn || keptMs >= settledMs;
    if (settled) this.#leftMs = this.#limitMs;
    // One that goes on for a moment only is no reason to hurry either.
    if (settled) this.#losses = keptMs >= firstPauseMs ? 0 : 1;
    else this.#losses += 1;
  }
}
