export interface HeartbeatOptions {
  /** Time between two pings, in milliseconds. */
  readonly intervalMs: number;
  /** Pings without an answer after which the other side is given up. */
  readonly allowed: number;
}

/**
 * Asks again and again whether the other side lives, apart from any work. Pings are counted and not seconds: a machine
 * that slept for an hour comes back with one ping unanswered, not with an hour of silence.
 */
export class Heartbeat {
  readonly #timer: NodeJS.Timeout;
  #next = 1;
  #answered = 0;

  constructor(
    { intervalMs, allowed }: HeartbeatOptions,
    ping: (id: number) => void,
    onSilence: (silentMs: number) => void,
  ) {
    this.#timer = setInterval(() => {
      const unanswered = this.#next - 1 - this.#answered;
      if (unanswered >= allowed) {
        this.stop();
        onSilence(unanswered * intervalMs);
        return;
      }
      ping(this.#next);
      this.#next += 1;
    }, intervalMs);
    this.#timer.unref();
  }

  answer(id: number): void {
    this.#answered = Math.max(this.#answered, Math.min(id, this.#next - 1));
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
