import { describe, expect, it, vi } from 'vitest';
import { ExpiringMap } from '../../../src/core/sessions/stores/expiring-map.ts';
import {
  createMemoryBlobStore,
  createMemorySessionStore,
} from '../../../src/core/sessions/stores/memory-stores.ts';

const long = 60_000;

describe('memory stores', () => {
  it('give back what was put, until it is deleted once', async () => {
    const store = createMemorySessionStore(1000);
    await store.put('a', 'first', long);
    await store.put('a', 'second', long);
    expect([await store.take('a'), await store.take('a')]).toEqual(['second', undefined]);
    await store.close();
  });

  it('keep a copy of a blob', async () => {
    const store = createMemoryBlobStore(1000);
    const bytes = Uint8Array.of(1, 2, 3);
    const id = await store.put(bytes, long);
    bytes.fill(9);
    expect(await store.get(id)).toEqual(Uint8Array.of(1, 2, 3));
    await store.delete(id);
    expect(await store.get(id)).toBeUndefined();
    await store.close();
  });
});

describe('ExpiringMap', () => {
  it('drops the oldest values when there is no room, and keeps none that is too large', () => {
    const map = new ExpiringMap<string>(10, (value) => value.length);
    map.set('a', '12345', long);
    map.set('b', '12345', long);
    map.set('c', '123', long);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([undefined, '12345', '123']);
    map.set('d', '12345678901', long);
    expect(map.get('d')).toBeUndefined();
    expect(map.bytes).toBe(8);
    map.close();
  });

  it('forgets values after their time to live, also when nobody asks', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    const map = new ExpiringMap<string>(10, (value) => value.length);
    map.set('a', '1', 500);
    map.set('b', '2', 5000);
    vi.advanceTimersByTime(600);
    expect(map.get('a')).toBeUndefined();
    expect(map.delete('a')).toBe(false);
    vi.advanceTimersByTime(6000);
    expect([map.size, map.bytes]).toEqual([0, 0]);
    map.close();
    vi.useRealTimers();
  });
});
