import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { init, routerFor } from './fake-replica.ts';
import { bufferBytes, flood, held, messages, numberOf, numbers, replicaWith, standsStill } from './flood.ts';
import { RawClient } from './raw-client.ts';

describe('one side that does not read', () => {
  it('the client: the replica is held, little is in the router, and nothing is lost', async () => {
    let upstream: WebSocket | undefined;
    await using replica = await replicaWith((socket) => {
      upstream = socket;
    });
    await using router = await routerFor([replica], { buffer_bytes: bufferBytes });
    await using client = await RawClient.connect(router.url, { first: init });
    await client.gets(1);
    if (!upstream) throw new Error('The replica has no connection.');
    client.socket.pause();
    flood(upstream);
    await standsStill(router, upstream);
    expect(await held(router)).toBeGreaterThan(bufferBytes / 2);
    client.socket.resume();
    const received = (await client.gets(1 + messages)).slice(1);
    expect(received.map(numberOf)).toEqual(numbers);
    expect(await held(router)).toBe(0);
  });
});
