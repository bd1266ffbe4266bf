export interface HeartbeatOptions {
  /** Time between two pings, in milliseconds. */
  readonly intervalMs: number;
  /** Pings without a sign of life after which the other side is taken for dead. */
  readonly allowed: number;
  /** Whether a sign of life could not be seen now: then the other side is not taken for silent. */
  readonly isDeaf?: () => boolean;
}

/**
 * Asks again and again whether the other side lives, apart from any work. Pings are counted and not seconds: a machine
 * that slept for an hour comes back with one ping unanswered, not with an hour of silence.
 */
export class Heartbeat {
  readonly #timer: NodeJS.Timeout;
  #unanswered = 0;

  /** @param onSilence - called once; gets how long the other side was silent, in milliseconds */
  constructor(
    { intervalMs, allowed, isDeaf = () => false }: HeartbeatOptions,
    ping: () => void,
    onSilence: (silentMs: number) => void,
  ) {
    this.#timer = setInterval(() => {
      if (isDeaf()) this.alive();
      if (this.#unanswered >= allowed) {
        this.stop();
        onSilence(this.#unanswered * intervalMs);
        return;
      }
      this.#unanswered += 1;
      ping();
    }, intervalMs);
    this.#timer.unref();
  }

  /** The other side has shown that it is there. */
  alive(): void {
    this.#unanswered = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
