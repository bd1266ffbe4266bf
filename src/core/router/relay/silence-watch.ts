import { alarm } from '../../base/async/deadline.ts';

export interface SilenceLimits {
  /** How long a replica may say nothing at all to an opening, in milliseconds. */
  readonly openingMs: number;
  /** How long it may say nothing after that while it owes an answer, in milliseconds. */
  readonly answerMs: number;
}

interface SilenceOptions {
  readonly limits: SilenceLimits;
  /** Whether the replica owes an answer. */
  readonly isDue: () => boolean;
  /** Whether it could not be heard: nothing is read from it, or not all has been sent to it. */
  readonly isDeaf: () => boolean;
  /** Called once, with the time that it was silent for. */
  readonly onSilent: (silentMs: number) => void;
}

/** Finds out a replica that says nothing to a session while it owes an answer, whatever its probes and pings tell. */
export class SilenceWatch implements Disposable {
  readonly #options: SilenceOptions;
  #limitMs: number;
  /** Since when it owes an answer and has said nothing. */
  #since: number | undefined;
  #timer: Disposable | undefined;
  #over = false;

  constructor(options: SilenceOptions) {
    this.#options = options;
    this.#limitMs = options.limits.openingMs;
  }

  /** The replica has said something, which has been dealt with. */
  heard(): void {
    this.#limitMs = this.#options.limits.answerMs;
    this.#since = undefined;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.look();
  }

  /** Something has been sent to the replica. */
  look(): void {
    if (this.#over) return;
    if (this.#options.isDue()) this.#since ??= performance.now();
    else this.#since = undefined;
    if (this.#since !== undefined) this.#timer ??= this.#wait(this.#limitMs);
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#timer?.[Symbol.dispose]();
  }

  #wait(ms: number): Disposable {
    return alarm(ms, () => this.#check());
  }

  #check(): void {
    this.#timer = undefined;
    if (this.#over || this.#since === undefined) return;
    const { isDeaf, onSilent } = this.#options;
    if (isDeaf()) this.#since = performance.now();
    const silentMs = performance.now() - this.#since;
    // A timer may come a millisecond early.
    if (silentMs + 1 < this.#limitMs) {
      this.#timer = this.#wait(this.#limitMs - silentMs);
      return;
    }
    this[Symbol.dispose]();
    onSilent(silentMs);
  }
}
