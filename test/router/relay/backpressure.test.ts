import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { waitFor } from '../../support/wait-for.ts';
import { type FakeReplica, fakeReplica, init, letIn, type RunningRouter, routerFor } from './fake-replica.ts';
import { RawClient } from './raw-client.ts';

const bufferBytes = 64 * 1024;
const messageBytes = 32 * 1024;
/** More than the buffers of the system between three sockets hold. */
const messages = 2048;
/** The limit, the message that crossed it, and what one read of the socket brings after the pause. */
const mostBytes = bufferBytes + messageBytes + 128 * 1024;

async function held(router: RunningRouter): Promise<number> {
  const line = (await router.metrics())
    .split('\n')
    .find((one) => one.startsWith('fastvideo_router_buffered'));
  return Number(line?.split(' ')[1]);
}

/** Waits until the flooded side takes nothing more; the router must never have held more than it may. */
async function standsStill(router: RunningRouter, flooding: WebSocket): Promise<void> {
  let before = -1;
  let same = 0;
  await waitFor('held sender', async () => {
    expect(await held(router)).toBeLessThanOrEqual(mostBytes);
    same = flooding.bufferedAmount === before && before > 0 ? same + 1 : 0;
    before = flooding.bufferedAmount;
    return same >= 10;
  });
}

function flood(socket: WebSocket): void {
  for (let index = 0; index < messages; index += 1) socket.send(numbered(index));
}

/** Its bytes tell whether others came into its place on the way. */
function numbered(index: number): Buffer {
  const data = Buffer.alloc(messageBytes, index % 251);
  data.writeUInt32BE(index);
  return data;
}

/** The number of a message, if it is as it was sent. */
function numberOf(data: Buffer | string): number | string {
  if (!Buffer.isBuffer(data)) return data;
  const index = data.readUInt32BE();
  return data.equals(numbered(index)) ? index : `${index}, but with other bytes`;
}

const numbers = Array.from({ length: messages }, (_, index) => index);

async function replicaWith(open: (socket: WebSocket) => void): Promise<FakeReplica> {
  return await fakeReplica({
    serve: (socket) => {
      letIn(socket);
      open(socket);
    },
  });
}

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
