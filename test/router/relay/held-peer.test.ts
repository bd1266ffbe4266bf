import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { waitFor } from '../../support/wait-for.ts';
import { open, init as openingOf, transparent } from '../failover/scripted-replica.ts';
import { gauge, isEmpty } from '../gauges.ts';
import {
  type FakeReplica,
  fakeReplica,
  init,
  letIn,
  never,
  type RunningRouter,
  routerFor,
} from './fake-replica.ts';
import { RawClient } from './raw-client.ts';

const bufferBytes = 64 * 1024;
const messageBytes = 32 * 1024;
const settings = { buffer_bytes: bufferBytes, ping_interval_seconds: 0.1 };

/** More than the buffers of the system between three sockets hold. */
function flood(socket: WebSocket): void {
  for (let count = 0; count < 1024; count += 1) socket.send(Buffer.alloc(messageBytes));
}

/** Waits until the sender gets nothing more away, or what else ends the wait. */
async function standsStill(sender: WebSocket, isOver = () => false): Promise<void> {
  let before = -1;
  let same = 0;
  await waitFor('held sender', () => {
    // Answers to pings are added to it.
    same = Math.abs(sender.bufferedAmount - before) < messageBytes && before > 0 ? same + 1 : 0;
    before = sender.bufferedAmount;
    return same >= 10 || isOver();
  });
}

interface Upstream extends FakeReplica {
  readonly sockets: WebSocket[];
}

async function replicaThat(serve: (socket: WebSocket) => void): Promise<Upstream> {
  const sockets: WebSocket[] = [];
  const replica = await fakeReplica({
    serve: (socket) => {
      sockets.push(socket);
      serve(socket);
    },
  });
  return { ...replica, sockets };
}

async function floodingClient(router: RunningRouter, first: string): Promise<RawClient> {
  const client = await RawClient.connect(router.url, { first });
  await waitFor('replica', () =>
    router.registry.replicas.some(({ active, pending }) => active + pending > 0),
  );
  flood(client.socket);
  await standsStill(client.socket);
  return client;
}

describe.concurrent('a client that is not read, and is gone', () => {
  it('is noticed while its session waits to be let in', async () => {
    await using replica = await replicaThat(() => undefined);
    await using router = await routerFor([replica], settings);
    const client = await floodingClient(router, init);
    client.socket.terminate();
    await isEmpty(router);
  });

  it('is noticed while its replica takes nothing', async () => {
    await using replica = await replicaThat((socket) => {
      letIn(socket);
      socket.pause();
    });
    await using router = await routerFor([replica], settings);
    const client = await floodingClient(router, init);
    client.socket.terminate();
    await isEmpty(router);
  });

  it('is noticed while its session has no replica', async () => {
    await using replica = await replicaThat((socket) => socket.once('message', () => open(socket, 'one')));
    await using router = await routerFor([replica], { ...transparent, ...settings });
    const client = await RawClient.connect(router.url, { first: openingOf });
    await waitFor('stream start', () => client.types().includes('ltx2_stream_start'));
    await replica[Symbol.asyncDispose]();
    await waitFor('loss', () => router.registry.replicas.every(({ active }) => active === 0));
    flood(client.socket);
    await standsStill(client.socket);
    expect(await gauge(router, 'fastvideo_router_buffered_bytes')).toBeGreaterThan(bufferBytes);
    client.socket.terminate();
    await isEmpty(router);
  });

  it('is noticed while it takes nothing either', async () => {
    await using replica = await replicaThat((socket) => {
      letIn(socket);
      flood(socket);
      socket.pause();
    });
    await using router = await routerFor([replica], settings);
    const client = await RawClient.connect(router.url, { first: init });
    await client.gets(1);
    client.socket.pause();
    flood(client.socket);
    // The router cuts off one that takes nothing, which may come before it has stood still for long.
    await standsStill(client.socket, () => client.ended !== undefined);
    client.socket.terminate();
    await isEmpty(router);
  });

  it('leaves nothing at a replica that takes nothing, when it closed in order', async () => {
    await using replica = await replicaThat((socket) => socket.pause());
    await using router = await routerFor([replica], {
      buffer_bytes: bufferBytes,
      // No ping finds out that the replica takes nothing.
      ping_interval_seconds: never,
      max_message_bytes: 2 ** 26,
    });
    const opening = JSON.stringify({ type: 'session_init_v2', picture: 'x'.repeat(2 ** 25) });
    const client = await RawClient.connect(router.url, { first: opening });
    await waitFor('opening', async () => (await gauge(router, 'fastvideo_router_buffered_bytes')) > 2 ** 25);
    client.socket.close(1000);
    await isEmpty(router);
  });
});

describe.concurrent('two that take nothing from each other', () => {
  it('are both cut off', async () => {
    await using replica = await replicaThat((socket) => {
      letIn(socket);
      socket.pause();
      flood(socket);
    });
    await using router = await routerFor([replica], settings);
    await using client = await RawClient.connect(router.url, { first: init });
    await client.gets(1);
    client.socket.pause();
    flood(client.socket);
    await isEmpty(router);
  });
});
