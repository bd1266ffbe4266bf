const firstMs = 200;
const longestMs = 30_000;
/** A worker that has lived so long has recovered: the next pause is short again. */
const recoveredMs = 60_000;

/** Growing pauses between the restarts of one worker: 0.2 s, doubled each time up to 30 s. */
export class RestartDelay {
  #failures = 0;

  next(livedMs: number): number {
    if (livedMs >= recoveredMs) this.#failures = 0;
    const delay = Math.min(longestMs, firstMs * 2 ** this.#failures);
    this.#failures += 1;
    return delay;
  }
}
