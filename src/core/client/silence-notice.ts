/** Tells when nothing was heard for a while, each time after twice as long. */
export class SilenceNotice implements Disposable {
  readonly #firstMs: number;
  readonly #tell: (seconds: number) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param tell - called with how long nothing was heard, in seconds */
  constructor(firstMs: number, tell: (seconds: number) => void) {
    this.#firstMs = firstMs;
    this.#tell = tell;
  }

  /** Something was heard; `isWaiting`: whether more has to come. */
  heard(isWaiting: boolean): void {
    this[Symbol.dispose]();
    if (isWaiting) this.#wait(this.#firstMs, 0);
  }

  #wait(ms: number, silentMs: number): void {
    this.#timer = setTimeout(() => {
      this.#tell((silentMs + ms) / 1000);
      this.#wait(silentMs + ms, silentMs + ms);
    }, ms);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
