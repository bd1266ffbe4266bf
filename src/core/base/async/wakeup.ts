/**
 * One side waits for news, the other tells of it. A wake while nobody waits is not kept: whoever waits looks at what it
 * waits for first, and again after each wake.
 */
export class Wakeup {
  readonly #waiting = new Set<() => void>();

  wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }

  /** Resolves at the next wake, or when the signal aborts. */
  async wait(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    let end = () => {};
    try {
      await new Promise<void>((resolve) => {
        end = resolve;
        this.#waiting.add(end);
        signal?.addEventListener('abort', end, { once: true });
      });
    } finally {
      this.#waiting.delete(end);
      signal?.removeEventListener('abort', end);
    }
  }
}
