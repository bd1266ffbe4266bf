import { backoffMs } from '../../base/async/backoff.ts';

const firstMs = 200;
/** A worker that has lived so long has recovered: the next pause is short again. */
const recoveredMs = 60_000;

export interface RestartLimits {
  /** Deaths within the window after which the worker is started no more. */
  readonly maxDeaths: number;
  readonly windowMs: number;
  /** The longest pause before a start. */
  readonly maxDelayMs: number;
}

/** When a worker that died is started again: growing pauses, 0.2 s doubled each time; after too many deaths never. */
export class RestartPolicy {
  readonly #limits: RestartLimits;
  #inARow = 0;
  #deaths: number[] = [];

  constructor(limits: RestartLimits) {
    this.#limits = limits;
  }

  /** Milliseconds to wait, or null when it is to stay out. Times are of the process's monotonic clock. */
  next(now: number, livedMs: number): number | null {
    this.#deaths = [...this.#deaths.filter((at) => now - at < this.#limits.windowMs), now];
    if (this.#deaths.length >= this.#limits.maxDeaths) return null;
    if (livedMs >= recoveredMs) this.#inARow = 0;
    const delay = backoffMs(this.#inARow, firstMs, this.#limits.maxDelayMs);
    this.#inARow += 1;
    return delay;
  }

  /** Somebody has looked after it: the count starts anew. */
  forget(): void {
    this.#inARow = 0;
    this.#deaths = [];
  }
}
