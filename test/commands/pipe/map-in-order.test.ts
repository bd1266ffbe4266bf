import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapInOrder } from '../../../src/commands/pipe/map-in-order.ts';

/** Work that ends when the test says so. */
class Desk {
  readonly started: number[] = [];
  readonly signals: AbortSignal[] = [];
  readonly #ends = new Map<number, { resolve: (value: string) => void; reject: (error: unknown) => void }>();

  readonly work = (item: number, _: number, signal: AbortSignal): Promise<string> => {
    this.started.push(item);
    this.signals.push(signal);
    return new Promise((resolve, reject) => {
      this.#ends.set(item, { resolve, reject });
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  };

  finish(item: number): void {
    this.#ends.get(item)?.resolve(`result ${item}`);
  }

  fail(item: number): void {
    this.#ends.get(item)?.reject(new Error(`no ${item}`));
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('mapInOrder', () => {
  it('gives the results in the order of the items, whatever order they end in', async () => {
    const desk = new Desk();
    const results = mapInOrder(numbers(3), 3, desk.work);
    const first = results.next();
    await turn();
    desk.finish(2);
    desk.finish(1);
    desk.finish(0);
    expect([await first, await results.next(), await results.next(), await results.next()]).toEqual([
      { done: false, value: 'result 0' },
      { done: false, value: 'result 1' },
      { done: false, value: 'result 2' },
      { done: true, value: undefined },
    ]);
  });

  it('gives a result although the next item has not come yet', async () => {
    async function* slow() {
      yield 0;
      await new Promise(() => {});
    }
    const results = mapInOrder(slow(), 4, async (item) => item);
    expect(await results.next()).toEqual({ done: false, value: 0 });
  });

  it('takes no more items than the concurrency before results are taken', async () => {
    let taken = 0;
    function* counted() {
      for (;;) yield taken++;
    }
    const results = mapInOrder(counted(), 4, async (item) => item);
    expect(await results.next()).toMatchObject({ value: 0 });
    await turn();
    await turn();
    expect(taken).toBeLessThanOrEqual(5);
    await results.return();
  });

  it('never works on more than the concurrency at once, over many items', async () => {
    let [running, most] = [0, 0];
    const results: number[] = [];
    const work = async (item: number) => {
      running += 1;
      most = Math.max(most, running);
      for (let turns = item % 5; turns >= 0; turns -= 1) await turn();
      running -= 1;
      return item;
    };
    for await (const result of mapInOrder(numbers(500), 7, work)) results.push(result);
    expect([results, most]).toEqual([numbers(500), 7]);
  });

  it('throws an error in its place, after the results before it, and aborts the rest', async () => {
    const desk = new Desk();
    const results = mapInOrder(numbers(9), 3, desk.work);
    const first = results.next();
    await turn();
    desk.fail(1);
    await turn();
    desk.finish(0);
    expect(await first).toMatchObject({ value: 'result 0' });
    await expect(results.next()).rejects.toThrow('no 1');
    expect(desk.started).toEqual([0, 1, 2]);
    expect(desk.signals[2]?.aborted).toBe(true);
    expect(await results.next()).toMatchObject({ done: true });
  });

  it('throws an error of the input after the results of what came before it', async () => {
    async function* broken() {
      yield 1;
      yield 2;
      throw new Error('cut');
    }
    const results: number[] = [];
    const reading = (async () => {
      for await (const result of mapInOrder(broken(), 8, async (item) => item)) results.push(result);
    })();
    await expect(reading).rejects.toThrow('cut');
    expect(results).toEqual([1, 2]);
  });

  it('aborts the work and leaves the input when its reader leaves', async () => {
    const desk = new Desk();
    let inputLeft = false;
    async function* input() {
      try {
        yield* numbers(3);
      } finally {
        inputLeft = true;
      }
    }
    const results = mapInOrder(input(), 2, desk.work);
    const first = results.next();
    await turn();
    desk.finish(0);
    await first;
    await results.return();
    expect(desk.signals.slice(1).every((signal) => signal.aborted)).toBe(true);
    expect(inputLeft).toBe(true);
  });

  it('throws the reason of its signal, also while the input waits', async () => {
    const controller = new AbortController();
    const results = mapInOrder(
      (async function* () {
        await new Promise(() => {});
        yield 1;
      })(),
      2,
      async (item) => item,
      { signal: controller.signal },
    );
    const next = results.next();
    await turn();
    controller.abort(new Error('stopped'));
    await expect(next).rejects.toThrow('stopped');
  });
});
