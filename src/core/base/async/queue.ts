import { Wakeup } from './wakeup.ts';

/**
 * A queue between producers and one consumer. `push` waits while `capacity` items lie in it, so that a slow consumer
 * slows the producers. The consumer iterates it once, or takes item after item.
 */
export class Queue<Item> implements AsyncIterable<Item> {
  readonly #capacity: number;
  readonly #items: Item[] = [];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  readonly #news = new Wakeup();
  readonly #room = new Wakeup();

  /** @param capacity - unbounded where producers only `offer` */
  constructor(capacity = Number.POSITIVE_INFINITY) {
    if (capacity !== Number.POSITIVE_INFINITY && (!Number.isInteger(capacity) || capacity < 1)) {
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
    while (this.#items.length >= this.#capacity && !this.#ended) await this.#room.wait();
  }

  /** Adds an item without waiting: for small items whose number is bounded elsewhere. */
  offer(item: Item): void {
    if (this.#ended) return;
    this.#items.push(item);
    this.#news.wake();
  }

  /** No more items; the consumer gets those that are there, then ends (or throws `error`). */
  end(failure?: { readonly error: unknown }): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#news.wake();
    this.#room.wake();
  }

  /** The consumer has gone: what lies here is dropped and a waiting producer goes on. */
  close(): void {
    this.#items.length = 0;
    this.end();
  }

  /** The next item that came or comes; undefined at the end. Throws `error` of the end, and the signal's reason. */
  async take(signal?: AbortSignal): Promise<Item | undefined> {
    for (;;) {
      signal?.throwIfAborted();
      const item = this.#items.shift();
      if (item !== undefined) {
        if (this.#items.length < this.#capacity) this.#room.wake();
        return item;
      }
      if (this.#failure) throw this.#failure.error;
      if (this.#ended) return undefined;
      await this.#news.wait(signal);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    try {
      for (let item = await this.take(); item !== undefined; item = await this.take()) yield item;
    } finally {
      this.close();
    }
  }
}
