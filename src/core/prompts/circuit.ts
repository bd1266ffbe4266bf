import { backoffMs } from '../base/async/backoff.ts';

const failuresToSkip = 3;
const firstSkipMs = 10_000;
const longestSkipMs = 300_000;

/** A call that was let through; goes back with how it ended. */
export interface Ticket {
  /** Which skip was the last one when it was let through. */
  readonly epoch: number;
  /** Whether it is the one call that finds out if a skipped provider is well again. */
  readonly probe: boolean;
  /** Whether it was let through although the provider is being skipped. */
  readonly forced: boolean;
}

/**
 * Whether a provider is worth asking. Three failures in a row, and it is skipped for 10 s; then one call tries it, and
 * when that fails too the next skip is twice as long, up to 5 minutes. A provider that says `Retry-After` is skipped until
 * then.
 */
export class Circuit {
  readonly #now: () => number;
  #failuresInARow = 0;
  #skips = 0;
  #skippedUntil = 0;
  #askedUntil = 0;
  #probing = false;
  #epoch = 0;

  /** @param now - milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** When it may be asked again, in milliseconds since the epoch; may lie in the past. */
  get dueAt(): number {
    return this.#skippedUntil;
  }

  /** Until when it asked to be left alone (`Retry-After`), in milliseconds since the epoch; may lie in the past. */
  get askedUntil(): number {
    return this.#askedUntil;
  }

  get isSkipped(): boolean {
    return this.#now() < this.#skippedUntil;
  }

  /** Undefined while the provider is skipped, or tried by another call. */
  enter(): Ticket | undefined {
    if (this.isSkipped || this.#probing) return undefined;
    this.#probing = this.#skips > 0;
    return { epoch: this.#epoch, probe: this.#probing, forced: false };
  }

  /** For a call that has nobody else to ask. */
  force(): Ticket {
    return { epoch: this.#epoch, probe: false, forced: true };
  }

  answered(ticket: Ticket): void {
    this.cancelled(ticket);
    // A call from before the skip does not lift it.
    if (ticket.epoch !== this.#epoch) return;
    this.#failuresInARow = 0;
    this.#skips = 0;
    this.#skippedUntil = 0;
  }

  failed(ticket: Ticket, retryAfterMs: number | undefined): void {
    this.cancelled(ticket);
    const now = this.#now();
    // Calls that ran side by side fail side by side: that is one reason to skip, not eight.
    const counts = ticket.epoch === this.#epoch && !ticket.forced;
    if (retryAfterMs !== undefined) {
      this.#askedUntil = Math.max(this.#askedUntil, now + retryAfterMs);
      this.#skipUntil(now + retryAfterMs);
    }
    if (!counts) return;
    this.#failuresInARow += 1;
    if (!ticket.probe && this.#failuresInARow < failuresToSkip) return;
    this.#skipUntil(now + backoffMs(this.#skips, firstSkipMs, longestSkipMs));
    this.#skips += 1;
    this.#failuresInARow = 0;
  }

  /** The call says nothing about the provider. */
  cancelled(ticket: Ticket): void {
    if (ticket.probe) this.#probing = false;
  }

  #skipUntil(time: number): void {
    this.#epoch += 1;
    this.#skippedUntil = Math.max(this.#skippedUntil, time);
  }
}
