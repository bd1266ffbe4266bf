import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { waitFor } from '../../support/wait-for.ts';
import { fakeReplica, init, routerFor } from './fake-replica.ts';
import {
  bufferBytes,
  flood,
  held,
  messages,
  mostBytes,
  numberOf,
  numbers,
  replicaWith,
  standsStill,
} from './flood.ts';
import { RawClient } from './raw-client.ts';

describe('one side that does not read', () => {
  it('the replica: the client is held, little is in the router, and nothing is lost', async () => {
    let upstream: WebSocket | undefined;
    const received: (number | string)[] = [];
    await using replica = await replicaWith((socket) => {
      upstream = socket;
      socket.on('message', (data: Buffer, isBinary) => {
        if (isBinary) received.push(numberOf(data));
      });
    });
    await using router = await routerFor([replica], { buffer_bytes: bufferBytes });
    await using client = await RawClient.connect(router.url, { first: init });
    await client.gets(1);
    upstream?.pause();
    flood(client.socket);
    await standsStill(router, client.socket);
    upstream?.resume();
    await waitFor('all messages', () => received.length === messages);
    expect(received).toEqual(numbers);
  });

  it('the replica, before it lets the session in: the client is held as well', async () => {
    await using replica = await fakeReplica({});
    await using router = await routerFor([replica], { buffer_bytes: bufferBytes });
    await using client = await RawClient.connect(router.url, { first: init });
    flood(client.socket);
    // What waits to be sent to the replica is kept for another one too, and counts twice.
    let before = -1;
    let same = 0;
    await waitFor('held client', async () => {
      expect(await held(router)).toBeLessThanOrEqual(2 * mostBytes);
      same = client.socket.bufferedAmount === before && before > 0 ? same + 1 : 0;
      before = client.socket.bufferedAmount;
      return same >= 10;
    });
  });
});
