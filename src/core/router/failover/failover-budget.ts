/** A session that keeps bytes so that it can be moved. */
export interface Keeper {
  /** Whether it goes on without them. One that is being moved does not. */
  readonly canGiveUp: boolean;
  /** Frees them: the session goes on, and is not moved. Tells the budget. */
  giveUp(): void;
}

/**
 * The bytes that all sessions together keep so that they can be moved. When they become more than the limit, the session
 * that keeps the most gives them up, of equals the newest: whoever takes most is the first to pay.
 */
export class FailoverBudget {
  readonly #limitBytes: () => number;
  readonly #kept = new Map<Keeper, number>();
  #bytes = 0;

  /** `limitBytes` is asked for anew each time. */
  constructor(limitBytes: () => number) {
    this.#limitBytes = limitBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** So much it keeps now; with 0 it is forgotten. */
  keeps(keeper: Keeper, bytes: number): void {
    const before = this.#kept.get(keeper) ?? 0;
    if (bytes === 0) this.#kept.delete(keeper);
    else this.#kept.set(keeper, bytes);
    this.#bytes += bytes - before;
    if (bytes > before) this.#shrink();
  }

  #shrink(): void {
    while (this.#bytes > this.#limitBytes()) {
      const before = this.#bytes;
      this.#largest()?.giveUp();
      if (this.#bytes >= before) return;
    }
  }

  #largest(): Keeper | undefined {
    let largest: Keeper | undefined;
    let most = 0;
    for (const [keeper, bytes] of this.#kept) {
      if (bytes < most || !keeper.canGiveUp) continue;
      largest = keeper;
      most = bytes;
    }
    return largest;
  }
}
