import type { Logger } from '../log.ts';

/**
 * Whether a store can be reached now. A store that cannot tries again by itself; until then its calls throw, and
 * sessions in progress go on without it.
 */
export type StoreHealth =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: string;
      /** When it was lost, in milliseconds since the epoch. */
      readonly since: number;
    };

/** What `health()` tells; each loss and each return is logged once. */
export class StoreCondition {
  readonly #shown: string;
  readonly #logger: Logger;
  #health: StoreHealth = { ok: true };

  /** `shown` names the store in the log, without a password. */
  constructor(shown: string, logger: Logger) {
    this.#shown = shown;
    this.#logger = logger;
  }

  get health(): StoreHealth {
    return this.#health;
  }

  failed(reason: string): void {
    if (!this.#health.ok) {
      this.#health = { ...this.#health, reason };
      return;
    }
    this.#health = { ok: false, reason, since: Date.now() };
    this.#logger.warn({ store: this.#shown, reason }, 'store is unreachable');
  }

  works(): void {
    if (this.#health.ok) return;
    const lostMs = Date.now() - this.#health.since;
    this.#health = { ok: true };
    this.#logger.info({ store: this.#shown, lost_ms: lostMs }, 'store is reachable again');
  }
}
