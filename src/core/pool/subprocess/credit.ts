/** Bytes that a worker may send before the server has taken the earlier ones: backpressure across the pipe. */
export class Credit {
  readonly #window: number;
  #underWay = 0;
  #wake: (() => void) | undefined;

  constructor(windowBytes: number) {
    this.#window = windowBytes;
  }

  acknowledge(bytes: number): void {
    this.#underWay = Math.max(0, this.#underWay - bytes);
    this.#wake?.();
  }

  /** Resolves when `bytes` may be sent. One chunk may always go, however large. Throws the signal's reason. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    while (this.#underWay > 0 && this.#underWay + bytes > this.#window) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        const wake = () => {
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#wake = wake;
        signal.addEventListener('abort', wake, { once: true });
      });
    }
    this.#underWay += bytes;
  }
}
