import { Wakeup } from '../../base/async/wakeup.ts';

/** Bytes that a worker may send before the server has taken the earlier ones: backpressure across the pipe. */
export class Credit {
  readonly #window: number;
  #underWay = 0;
  readonly #room = new Wakeup();

  constructor(windowBytes: number) {
    this.#window = windowBytes;
  }

  acknowledge(bytes: number): void {
    this.#underWay = Math.max(0, this.#underWay - bytes);
    this.#room.wake();
  }

  /** Resolves when `bytes` may be sent. One chunk may always go, however large. Throws the signal's reason. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    while (this.#underWay > 0 && this.#underWay + bytes > this.#window) {
      signal.throwIfAborted();
      await this.#room.wait(signal);
    }
    this.#underWay += bytes;
  }
}
