/**
 * A queue between producers and one consumer. `push` waits while `capacity` items lie in it, so that a slow consumer
 * slows the producers. The consumer iterates it once.
 */
export class BoundedQueue<Item> implements AsyncIterable<Item> {
  readonly #capacity: number;
  readonly #items: Item[] = [];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wakeConsumer: (() => void) | undefined;
  readonly #waitingProducers = new Set<() => void>();

  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new RangeError(`The capacity of a queue must be a whole number of at least 1, not ${capacity}.`);
    }
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#items.length;
  }

  /** Adds an item; resolves once there is room for another. After the end the item is dropped. */
  async push(item: Item): Promise<void> {
    this.offer(item);
    while (this.#items.length >= this.#capacity && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#waitingProducers.add(resolve);
      });
    }
  }

  /** Adds an item without waiting: for small items whose number is bounded elsewhere. */
  offer(item: Item): void {
    if (this.#ended) return;
    this.#items.push(item);
    this.#wakeConsumer?.();
  }

  /** No more items; the consumer gets those that are there, then ends (or throws `error`). */
  end(failure?: { readonly error: unknown }): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#wakeConsumer?.();
    this.#wakeProducers();
  }

  /** The consumer has gone: what lies here is dropped and a waiting producer goes on. */
  close(): void {
    this.#items.length = 0;
    this.end();
  }

  #wakeProducers(): void {
    for (const wake of this.#waitingProducers) wake();
    this.#waitingProducers.clear();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    try {
      for (;;) {
        const item = this.#items.shift();
        if (item !== undefined) {
          if (this.#items.length < this.#capacity) this.#wakeProducers();
          yield item;
        } else if (this.#ended) {
          if (this.#failure) throw this.#failure.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wakeConsumer = resolve;
          });
        }
      }
    } finally {
      this.close();
    }
  }
}
