import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { receivingPing } from '../../../src/core/base/opening/message-bytes.ts';
import { type OpeningLate, OpeningWait } from '../../../src/core/base/opening/opening-wait.ts';

const limits = { firstByteMs: 3000, silenceMs: 1000, totalMs: 5000 };

function waiting(given = limits) {
  const stream = new EventEmitter();
  const webSocket = new EventEmitter();
  const late: OpeningLate[] = [];
  // Emitters are all that is needed of either.
  const source = { stream, webSocket } as unknown as ConstructorParameters<typeof OpeningWait>[0];
  const wait = new OpeningWait(source, given, (reason) => late.push(reason));
  return { stream, webSocket, late, wait };
}

/** A text of ten bytes as a client's frame. */
const part = Buffer.alloc(10);
const pong = Buffer.from('beat');

describe('the wait for the first message', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('ends when nothing comes', async () => {
    const { late } = waiting();
    await vi.advanceTimersByTimeAsync(2900);
    expect(late).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(late).toEqual(['silent']);
  });

  it('goes on while bytes come, and ends when they stop', async () => {
    const { stream, late } = waiting();
    for (let count = 0; count < 4; count += 1) {
      stream.emit('data', part);
      await vi.advanceTimersByTimeAsync(900);
    }
    expect(late).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(late).toEqual(['stalled']);
  });

  it('ends at the total, however steadily they come', async () => {
    const { stream, late } = waiting();
    for (let count = 0; count < 12; count += 1) {
      stream.emit('data', part);
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(late).toEqual(['too_slow']);
  });

  it('counts neither pings nor pongs, but what a router says of a message that it receives', async () => {
    const { stream, webSocket, late } = waiting();
    const control = (event: 'ping' | 'pong', payload: Buffer) => {
      stream.emit('data', Buffer.alloc(6 + payload.length));
      webSocket.emit(event, payload);
    };
    await vi.advanceTimersByTimeAsync(600);
    control('ping', Buffer.from(receivingPing));
    await vi.advanceTimersByTimeAsync(600);
    expect(late).toEqual([]);
    control('pong', pong);
    control('ping', pong);
    await vi.advanceTimersByTimeAsync(500);
    expect(late).toEqual(['stalled']);
  });

  it('has a total that is no shorter than the silence', async () => {
    const { stream, late } = waiting({ firstByteMs: 1000, silenceMs: 1000, totalMs: 10 });
    stream.emit('data', part);
    await vi.advanceTimersByTimeAsync(900);
    expect(late).toEqual([]);
  });

  it('is over when it is disposed of', async () => {
    const { stream, webSocket, late, wait } = waiting();
    stream.emit('data', part);
    wait[Symbol.dispose]();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(late).toEqual([]);
    expect([stream.listenerCount('data'), webSocket.listenerCount('pong')]).toEqual([0, 0]);
  });
});
