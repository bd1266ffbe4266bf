import { describe, expect, it, vi } from 'vitest';
import { ExpiringMap } from '../../../src/core/sessions/stores/expiring-map.ts';

const long = 60_000;

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
