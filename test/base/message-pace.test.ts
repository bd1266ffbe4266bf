import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MessagePace } from '../../src/core/base/message-pace.ts';
import { ReadGate } from '../../src/core/base/read-gate.ts';
import { TurnShare } from '../../src/core/base/turn-share.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function pace(messages_per_second: number, message_burst: number) {
  const socket = { paused: false, pause: () => set(true), resume: () => set(false) };
  const set = (paused: boolean) => {
    socket.paused = paused;
  };
  const delivered: number[] = [];
  let slowed = 0;
  const gate = new ReadGate(socket);
  const made = new MessagePace<number>({
    rate: { messages_per_second, message_burst },
    gate,
    deliver: (message) => delivered.push(message),
    onSlowed: () => {
      slowed += 1;
    },
  });
  const send = (count: number, bytes = 10) => {
    for (let index = 0; index < count; index += 1) made.push(index, bytes);
  };
  return { made, gate, socket, delivered, send, slowed: () => slowed };
}

describe('the messages of a client', () => {
  it('go through at once up to the burst, and are read on', () => {
    const { send, delivered, socket, slowed } = pace(10, 50);
    send(49);
    expect([delivered.length, socket.paused, slowed()]).toEqual([49, false, 0]);
  });

  it('past it come at the rate, in order, while nothing more is read; none is lost', () => {
    const { send, delivered, socket, slowed } = pace(10, 50);
    send(80);
    expect([delivered.length, socket.paused, slowed()]).toEqual([50, true, 1]);
    vi.advanceTimersByTime(1000);
    expect(delivered.length).toBeGreaterThanOrEqual(59);
    expect(delivered.length).toBeLessThanOrEqual(61);
    expect(socket.paused).toBe(true);
    vi.advanceTimersByTime(4000);
    expect(delivered).toEqual(Array.from({ length: 80 }, (_, index) => index));
    expect([socket.paused, slowed()]).toEqual([false, 1]);
  });

  it('may come in a burst again after a rest', () => {
    const { send, delivered, socket } = pace(10, 50);
    send(50);
    vi.advanceTimersByTime(10_000);
    expect(socket.paused).toBe(false);
    send(49);
    expect([delivered.length, socket.paused]).toEqual([99, false]);
  });

  it('count more when they are large, and the largest is delivered all the same', () => {
    const { send, delivered, socket } = pace(100, 500);
    send(1, 48 * 2 ** 20);
    expect([delivered.length, socket.paused]).toEqual([1, false]);
    send(1, 48 * 2 ** 20);
    expect([delivered.length, socket.paused]).toEqual([2, true]);
    send(1);
    expect(delivered.length).toBe(2);
    vi.advanceTimersByTime(10_000);
    expect([delivered.length, socket.paused]).toEqual([3, false]);
  });

  it('count with pings, which hold it for as long as a burst takes at most', () => {
    const { made, socket } = pace(10, 50);
    for (let count = 0; count < 100_000; count += 1) made.control();
    expect(socket.paused).toBe(true);
    vi.advanceTimersByTime(6000);
    expect(socket.paused).toBe(false);
  });

  it('wait for a later turn of the event loop, in order, when their share of this one is used up', () => {
    const later: (() => void)[] = [];
    let left = 2;
    using _ = vi.spyOn(TurnShare.prototype, 'hasTime', 'get').mockImplementation(() => left-- > 0);
    using __ = vi.spyOn(TurnShare.prototype, 'later').mockImplementation((work) => later.push(work));
    const { send, delivered, socket, slowed } = pace(10, 50);
    send(5);
    expect([delivered, socket.paused, later.length]).toEqual([[0, 1], true, 1]);
    left = 2;
    later.shift()?.();
    expect([delivered, socket.paused, later.length]).toEqual([[0, 1, 2, 3], true, 1]);
    left = 2;
    later.shift()?.();
    expect([delivered, socket.paused, later.length, slowed()]).toEqual([[0, 1, 2, 3, 4], false, 0, 0]);
  });

  it('are read no sooner than everybody lets it be read', () => {
    const { send, gate, socket } = pace(10, 5);
    const other = {};
    gate.hold(other);
    send(5);
    gate.release(other);
    expect(socket.paused).toBe(true);
    gate.hold(other);
    vi.advanceTimersByTime(1000);
    expect(socket.paused).toBe(true);
    gate.release(other);
    expect(socket.paused).toBe(false);
  });

  it('come to nobody when the client has gone', () => {
    const { made, send, delivered } = pace(10, 5);
    send(20);
    made[Symbol.dispose]();
    vi.advanceTimersByTime(60_000);
    send(20);
    expect(delivered.length).toBe(5);
    expect(vi.getTimerCount()).toBe(0);
  });
});
