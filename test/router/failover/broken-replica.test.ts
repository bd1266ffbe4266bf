import { afterEach, describe, expect, it, vi } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { fakeReplica, routerFor } from '../relay/fake-replica.ts';
import { RawClient } from '../relay/raw-client.ts';
import { type FrameParts, opcodes, serverFrame } from '../relay/server-frames.ts';
import {
  checkpoint,
  firstReplica,
  init,
  nextReplica,
  play,
  type ScriptedReplica,
  say,
  transparent,
} from './scripted-replica.ts';

const { binary, text, close } = opcodes;
const closing = (code: number) => Buffer.from([code >> 8, code & 0xff, ...Buffer.from('going')]);

/** The connection below the replica's WebSocket, which it never ends by itself from now on. */
function held(replica: ScriptedReplica) {
  const socket = replica.requests[0]?.socket;
  if (!socket) throw new Error('The replica has no connection.');
  socket.end = () => socket;
  return socket;
}

/** From now on no time of the router runs out, nor any of `ws`. */
function stopTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
}
afterEach(() => {
  vi.useRealTimers();
});

/** Resolves when the client gets a message of this type; without a timer. */
async function gets(client: RawClient, type: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = () => client.types().includes(type) && resolve();
    client.socket.on('message', look);
    look();
  });
}

async function inSegment(router: { readonly url: string }): Promise<RawClient> {
  const client = await play(router.url);
  await waitFor('media', () => client.received.map(String).includes('first part'));
  return client;
}

describe('a session goes on on another replica at once when its own', () => {
  it.each<[string, FrameParts]>([
    ['masks a frame', { opcode: binary, payload: 'abc', masked: true }],
    ['compresses one without being asked', { opcode: binary, payload: 'abc', compressed: true }],
    ['sends a text that is no UTF-8', { opcode: text, payload: Buffer.from([0xff]) }],
    ['sends more than a message may be', { opcode: binary, payload: Buffer.alloc(2 ** 20 + 1) }],
    ['closes with a code that there is not', { opcode: close, payload: closing(1006) }],
    ['closes and leaves the connection below open', { opcode: close, payload: closing(1001) }],
    [
      'sends a checkpoint that is no JSON',
      { opcode: text, payload: '{"type":"session_checkpoint","seen":1,"frames":0,"set":{"n":' },
    ],
    [
      'sends a checkpoint of another form',
      { opcode: text, payload: '{"type":"session_checkpoint","set":1}' },
    ],
  ])('%s', async (_, odd) => {
    await using first = await firstReplica(() => undefined);
    await using second = await nextReplica();
    await using router = await routerFor([first, second], { ...transparent, max_message_bytes: 2 ** 20 });
    await using client = await inSegment(router);
    const socket = held(first);
    stopTimers();
    // What comes behind it is the broken replica's, and nobody's.
    const behind = serverFrame({
      opcode: text,
      payload: '{"type":"ltx2_segment_complete","of":"the first"}',
    });
    socket.write(Buffer.concat([serverFrame(odd), behind]));
    await gets(client, 'ltx2_segment_complete');
    vi.useRealTimers();
    expect(client.received.map(String).join()).not.toContain('of the first');
    expect(second.got).toMatchObject([{ checkpoint: { n: 1 }, already_sent: { segment_idx: 0, chunks: 1 } }]);
    expect(await router.metrics()).toContain('fastvideo_router_failovers_total{result="moved"} 1');
  });
});

describe('a replica that closes and leaves the connection below open', () => {
  it('does not hold its client', async () => {
    await using replica = await firstReplica(() => undefined);
    await using router = await routerFor([replica], transparent);
    await using client = await inSegment(router);
    const socket = held(replica);
    stopTimers();
    const closed = new Promise((resolve) => {
      client.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    socket.write(serverFrame({ opcode: close, payload: closing(1000) }));
    expect(await closed).toEqual({ code: 1000, reason: 'going' });
  });
});

describe('a connection to a replica that does not answer the upgrade', () => {
  const frozen = () => fakeReplica({ upgrade: () => undefined });

  it('is freed when its client leaves', async () => {
    await using replica = await frozen();
    await using router = await routerFor([replica], transparent);
    const client = await RawClient.connect(router.url, { first: init });
    await waitFor('upgrade', () => replica.requests.length === 1);
    expect(router.registry.replicas[0]?.pending).toBe(1);
    client.socket.close(1000);
    await waitFor('free place', () => router.registry.replicas[0]?.pending === 0);
  });

  it('is given up when the replica fails its probes', async () => {
    let answersProbes = true;
    await using first = await fakeReplica({ upgrade: () => undefined, answersProbes: () => answersProbes });
    await using second = await nextReplica();
    await using router = await routerFor([first, second], {
      ...transparent,
      health_check: { interval_seconds: 0.02, timeout_seconds: 0.3, failure_threshold: 3 },
    });
    await using client = await RawClient.connect(router.url, { first: init });
    await waitFor('upgrade', () => first.requests.length === 1);
    answersProbes = false;
    await waitFor('other replica', () => client.types().includes('gpu_assigned'));
  });
});

describe('a session whose checkpoint holds more than anybody reads', () => {
  it('goes on where it is', async () => {
    await using replica = await firstReplica(() => undefined);
    await using router = await routerFor([replica], transparent);
    await using client = await inSegment(router);
    say(replica.socket(), checkpoint({ state: Array(110_000).fill([]) }), { type: 'it goes on' });
    await waitFor('next frame', () => client.types().includes('it goes on'));
  });
});
