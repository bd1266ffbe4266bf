import { describe, expect, it } from 'vitest';
import { Queue } from '../../../src/core/base/async/queue.ts';

async function all<Item>(queue: Queue<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

describe('Queue', () => {
  it('gives the items in order and ends', async () => {
    const queue = new Queue<number>(8);
    for (const item of [1, 2, 3]) queue.offer(item);
    queue.end();
    expect(await all(queue)).toEqual([1, 2, 3]);
  });

  it('holds a producer until the consumer has made room', async () => {
    const queue = new Queue<number>(2);
    const pushed: number[] = [];
    const producer = (async () => {
      for (const item of [1, 2, 3, 4, 5, 6]) {
        await queue.push(item);
        pushed.push(item);
      }
      queue.end();
    })();
    await new Promise((resolve) => setImmediate(resolve));
    expect(pushed).toEqual([1]);
    expect(await all(queue)).toEqual([1, 2, 3, 4, 5, 6]);
    await producer;
    expect(pushed).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('gives what is there before it throws the failure', async () => {
    const queue = new Queue<number>(4);
    queue.offer(1);
    queue.end({ error: new Error('the encoder died') });
    const seen: number[] = [];
    const consume = (async () => {
      for await (const item of queue) seen.push(item);
    })();
    await expect(consume).rejects.toThrow('the encoder died');
    expect(seen).toEqual([1]);
  });

  it('lets a waiting producer go on when the consumer leaves', async () => {
    const queue = new Queue<number>(1);
    const waiting = queue.push(1);
    for await (const item of queue) {
      expect(item).toBe(1);
      break;
    }
    await waiting;
    await queue.push(2);
    expect(queue.size).toBe(0);
  });

  it('refuses a capacity that holds nothing', () => {
    expect(() => new Queue(0)).toThrow('whole number of at least 1, not 0');
  });
});
