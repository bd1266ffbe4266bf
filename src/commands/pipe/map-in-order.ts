import { Wakeup } from '../../core/base/async/wakeup.ts';

interface Slot<Result> {
  readonly controller: AbortController;
  /** Resolves when the work has ended, however it did. */
  readonly ended: Promise<void>;
  outcome?: { readonly value: Result } | { readonly error: unknown };
}

/**
 * Works on up to `concurrency` items at once and gives the results in the order of the items, each as soon as it and
 * all before it are done. No more than `concurrency` items are taken that have not been given back: a slow reader holds
 * the work, and the work holds the input.
 *
 * An error, of the work or of the input, is thrown in its place, after the results before it; from then on no item is
 * taken. With the first error that is thrown, with `options.signal` (its reason is thrown) and when the reader leaves,
 * the signals of the work that is left abort, and it is waited for.
 */
export async function* mapInOrder<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  concurrency: number,
  work: (item: Item, index: number, signal: AbortSignal) => Promise<Result> | Result,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<Result, void, undefined> {
  const source = iteratorOf(items);
  const slots: Slot<Result>[] = [];
  const news = new Wakeup();
  let index = 0;
  let pulling = false;
  let sourceEnd: { readonly error?: unknown } | undefined;
  let failed = false;

  const start = (item: Item): Slot<Result> => {
    const controller = new AbortController();
    const at = index;
    index += 1;
    const done = (outcome: Slot<Result>['outcome'] & object) => {
      slot.outcome = outcome;
      if ('error' in outcome) failed = true;
      news.wake();
    };
    const ended = (async () => work(item, at, controller.signal))().then(
      (value) => done({ value }),
      (error: unknown) => done({ error }),
    );
    const slot: Slot<Result> = { controller, ended };
    return slot;
  };
  const pull = (): void => {
    pulling = true;
    void source
      .next()
      .then(
        (next) => {
          if (next.done === true) sourceEnd = {};
          // What comes after the reader has gone is dropped.
          else if (!left) slots.push(start(next.value));
        },
        (error: unknown) => {
          sourceEnd = { error };
        },
      )
      .then(() => {
        pulling = false;
        news.wake();
      });
  };

  let left = false;
  try {
    for (;;) {
      options.signal?.throwIfAborted();
      if (!pulling && !sourceEnd && !failed && slots.length < concurrency) pull();
      const outcome = slots[0]?.outcome;
      if (outcome) {
        slots.shift();
        if ('error' in outcome) throw outcome.error;
        yield outcome.value;
      } else if (sourceEnd && slots.length === 0) {
        if ('error' in sourceEnd) throw sourceEnd.error;
        return;
      } else {
        await news.wait(options.signal);
      }
    }
  } finally {
    left = true;
    for (const slot of slots) slot.controller.abort(options.signal?.reason);
    await Promise.all(slots.map(({ ended }) => ended));
    if (!sourceEnd) await leave(source, pulling);
  }
}

/** A source that waits for its next item may not answer before that comes: it is told, but not waited for. */
async function leave(source: AsyncIterator<unknown>, pulling: boolean): Promise<void> {
  const leaving = source.return?.();
  if (!pulling) await leaving;
  // The error that counts is on its way already.
  else leaving?.catch(() => undefined);
}

function iteratorOf<Item>(items: AsyncIterable<Item> | Iterable<Item>): AsyncIterator<Item> {
  if (Symbol.asyncIterator in items) return items[Symbol.asyncIterator]();
  const iterator = items[Symbol.iterator]();
  return {
    next: async () => iterator.next(),
    return: async () => iterator.return?.() ?? { done: true, value: undefined },
  };
}
