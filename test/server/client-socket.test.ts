import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { createLogger } from '../../src/core/base/log.ts';
import { ClientSocket } from '../../src/core/server/client-socket.ts';

/** A peer that answers nothing. */
class DeafPeer extends EventEmitter {
  readonly OPEN = 1;
  readonly isPaused = false;
  readyState = 1;
  readonly send = vi.fn();
  readonly pause = vi.fn();
  readonly resume = vi.fn();
  readonly ping = vi.fn();
  readonly close = vi.fn(() => {
    this.readyState = 2;
  });
  readonly terminate = vi.fn(() => {
    this.readyState = 3;
    this.emit('close', 1006, Buffer.alloc(0));
  });
}

describe('the socket of a client that is closed from here', () => {
  let peer: DeafPeer;
  let client: ClientSocket;
  const onLimit = vi.fn();
  beforeEach(() => {
    vi.useFakeTimers();
    onLimit.mockClear();
    peer = new DeafPeer();
    client = new ClientSocket(peer as unknown as WebSocket, new PassThrough(), {
      bufferBytes: 1000,
      pingIntervalMs: 3_600_000,
      logger: createLogger({ level: 'silent' }),
      rate: { messages_per_second: 100, message_burst: 500 },
      onLimit,
    });
  });
  afterEach(() => vi.useRealTimers());

  it('takes no more messages, and cuts a peer off that does not answer', () => {
    const taken: string[] = [];
    client.onMessage((data) => taken.push(String(data)));
    peer.emit('message', 'one', false);
    client.close(1008, 'enough');
    peer.emit('message', 'two', false);
    client.close(1000, 'again');
    expect(taken).toEqual(['one']);
    expect(peer.close.mock.calls).toEqual([[1008, 'enough']]);
    expect(client.isOver).toBe(true);
    expect(client.gone.aborted).toBe(false);
    vi.runAllTimers();
    expect(client.gone.aborted).toBe(true);
  });

  it('reads on, so that the answer of a peer comes that had to wait with its messages', () => {
    client.pause();
    client.close(1000);
    expect(peer.resume).toHaveBeenCalledOnce();
  });

  it('is cut off once when the peer does not read', () => {
    for (let count = 0; count < 30; count += 1) client.sendFrame({ text: 'x'.repeat(100_000) });
    expect(onLimit.mock.calls).toEqual([['client_buffer_bytes']]);
    expect(peer.terminate).toHaveBeenCalledOnce();
    expect(peer.send).toHaveBeenCalledTimes(11);
  });
});
