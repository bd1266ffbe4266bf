import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { waitFor } from '../../support/wait-for.ts';
import { isEmpty } from '../gauges.ts';
import { routerFor } from '../relay/fake-replica.ts';
import { bufferBytes, mostBytes, standsStill } from '../relay/flood.ts';
import { RawClient } from '../relay/raw-client.ts';
import {
  checkpoint,
  init,
  mediaInit,
  open,
  say,
  scripted,
  segmentStart,
  transparent,
} from './scripted-replica.ts';

const messageBytes = 32 * 1024;
const messages = 1024;

function flood(socket: WebSocket, from: number): void {
  for (let index = from; index < from + messages; index += 1) {
    const data = Buffer.alloc(messageBytes);
    data.writeUInt32BE(index);
    socket.send(data);
  }
}

const streaming = { n: 1, current: { segment_idx: 0 } };

describe('a session that is moved while its client reads nothing', () => {
  it('has little in the router, also of what the next replica sends, and goes on when the client reads', async () => {
    await using one = await scripted((socket, number) => {
      if (number === 0) open(socket, 'one');
      if (number !== 1) return;
      say(socket, checkpoint(streaming, { seen: 1 }), segmentStart, mediaInit, Buffer.from('init'));
      flood(socket, 0);
    });
    await using two = await scripted((socket, number) => {
      if (number !== 0) return;
      open(socket, 'two');
      flood(socket, messages);
    });
    // At a ping it is found that the first replica, which is not read, has gone. The client is held for dead at the
    // fourth.
    await using router = await routerFor([one, two], {
      ...transparent,
      buffer_bytes: bufferBytes,
      ping_interval_seconds: 10,
    });
    await using client = await RawClient.connect(router.url, { first: init });
    await waitFor('stream start', () => client.types().includes('ltx2_stream_start'));
    client.socket.pause();
    client.socket.send('{}');
    await standsStill(router, one.socket());
    one.socket().terminate();
    await waitFor('move', () => two.got.length === 1);
    await standsStill(router, two.socket(), 2 * mostBytes);
    client.socket.resume();
    const numbers = () =>
      client.received.flatMap((message) =>
        Buffer.isBuffer(message) && message.length === messageBytes ? [message.readUInt32BE()] : [],
      );
    await waitFor('all of the second', () => numbers().at(-1) === 2 * messages - 1);
    const sent = two.got[0]?.['already_sent'] as { chunks: number };
    expect(numbers().slice(0, sent.chunks)).toEqual(Array.from({ length: sent.chunks }, (_, index) => index));
    expect(numbers().slice(sent.chunks)).toEqual(
      Array.from({ length: messages }, (_, index) => messages + index),
    );
    client.socket.terminate();
    await isEmpty(router);
  });
});
