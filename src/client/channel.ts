/** Items that one consumer takes in order, with an end. */
export class Channel<Item> implements AsyncIterableIterator<Item> {
  readonly #items: Item[] = [];
  readonly #takers: PromiseWithResolvers<IteratorResult<Item>>[] = [];
  readonly #onReturn: () => void;
  #end: { readonly error?: unknown } | undefined;

  /** `onReturn`: the consumer takes no further item, before the end. */
  constructor(onReturn: () => void) {
    this.#onReturn = onReturn;
  }

  put(item: Item): void {
    if (this.#end) return;
    const taker = this.#takers.shift();
    if (taker) taker.resolve({ done: false, value: item });
    else this.#items.push(item);
  }

  /** Nothing follows. */
  finish(): void {
    this.#finish({});
  }

  /** What is there already is still given, then the consumer gets the error. */
  fail(error: unknown): void {
    this.#finish({ error });
  }

  async next(): Promise<IteratorResult<Item>> {
    const item = this.#items.shift();
    if (item !== undefined) return { done: false, value: item };
    if (this.#end) return this.#takeEnd(this.#end);
    const taker = withResolvers<IteratorResult<Item>>();
    this.#takers.push(taker);
    return await taker.promise;
  }

  async return(): Promise<IteratorResult<Item>> {
    const wasOpen = this.#end === undefined;
    this.#items.length = 0;
    this.#end = {};
    for (const taker of this.#takers.splice(0)) taker.resolve({ done: true, value: undefined });
    if (wasOpen) this.#onReturn();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(end: { readonly error?: unknown }): void {
    if (this.#end) return;
    this.#end = end;
    const [first, ...others] = this.#takers.splice(0);
    if (!first) return;
    if ('error' in end) first.reject(end.error);
    else first.resolve({ done: true, value: undefined });
    this.#end = {};
    for (const taker of others) taker.resolve({ done: true, value: undefined });
  }

  /** The error is thrown once; afterwards the iterator is at its end, as iterators are. */
  #takeEnd(end: { readonly error?: unknown }): IteratorResult<Item> {
    this.#end = {};
    if ('error' in end) throw end.error;
    return { done: true, value: undefined };
  }
}

interface PromiseWithResolvers<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

/** `Promise.withResolvers`, which Node 20 does not have. */
export function withResolvers<Value>(): PromiseWithResolvers<Value> {
  let settle: Pick<PromiseWithResolvers<Value>, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject };
  });
  if (!settle) throw new Error('A promise runs its executor at once.');
  return { promise, ...settle };
}
