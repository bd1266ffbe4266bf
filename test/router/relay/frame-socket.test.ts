import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { TurnShare } from '../../../src/core/base/turn-share.ts';
import { waitFor } from '../../support/wait-for.ts';
import { fakeReplica, init, routerFor } from './fake-replica.ts';
import { RawClient } from './raw-client.ts';
import { type FrameParts, opcodes, serverFrame } from './server-frames.ts';

const { text, binary, continuation, close } = opcodes;
const assigned = serverFrame({
  opcode: text,
  payload: JSON.stringify({ type: 'gpu_assigned', gpu_id: 0, session_timeout: 9 }),
});

function switching({ headers }: IncomingMessage): string {
  const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

/** A replica that writes these bytes one after the other, each in a packet of its own. */
async function replicaThatWrites(write: (head: string) => readonly (Buffer | string)[]) {
  const sockets: Duplex[] = [];
  const replica = await fakeReplica({
    upgrade: (socket, request) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      endAtClose(socket);
      void writeApart(socket, write(switching(request)));
    },
  });
  return { ...replica, sockets };
}

/** Reads what the router sends, all of it short, up to its close frame. */
function endAtClose(socket: Duplex): void {
  let unread = Buffer.alloc(0);
  socket.on('data', (data: Buffer) => {
    unread = Buffer.concat([unread, data]);
    for (let end = frameEnd(unread); end <= unread.length; end = frameEnd(unread)) {
      if (unread[0] === (0x80 | close)) socket.end();
      unread = unread.subarray(end);
    }
  });
}

/** Of a short frame with a mask. */
const frameEnd = (bytes: Buffer) => 6 + ((bytes[1] ?? 0) & 0x7f);

async function writeApart(socket: Duplex, parts: readonly (Buffer | string)[]): Promise<void> {
  for (const part of parts) {
    socket.write(part);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const index = (digits: string) => Number(digits) % 3;
const a = serverFrame({ opcode: binary, payload: 'first' });
const letters = (one: string | Buffer) => (typeof one === 'string' ? one : one.toString());

describe('what a replica writes', () => {
  it.each<[string, (head: string) => readonly (Buffer | string)[]]>([
    ['with the answer to the upgrade', (head) => [Buffer.concat([Buffer.from(head), assigned, a])]],
    [
      'after an answer in pieces',
      (head) => [...(head.match(/.{1,40}/gs) ?? []), Buffer.concat([assigned, a])],
    ],
    [
      'after an answer that is cut in its end',
      (head) => [head.slice(0, -2), `${head.slice(-2)}`, assigned, a],
    ],
    ['byte by byte', (head) => [head, assigned, ...Array.from(a, (_, at) => a.subarray(at, at + 1))]],
  ])('%s comes to the client', async (_, write) => {
    await using replica = await replicaThatWrites(write);
    await using router = await routerFor([replica]);
    await using client = await RawClient.connect(router.url, { first: init });
    expect((await client.gets(2)).slice(1).map(letters)).toEqual(['first']);
  });

  it('in a message of several frames comes as one, and what follows comes behind it', async () => {
    const parts: FrameParts[] = [
      { opcode: binary, payload: 'first' },
      { opcode: binary, payload: 'se', fin: false },
      { opcode: continuation, payload: 'cond' },
      { opcode: text, payload: 'third' },
    ];
    await using replica = await replicaThatWrites((head) => [
      head,
      assigned,
      Buffer.concat(parts.map(serverFrame)),
      serverFrame({ opcode: binary, payload: 'fourth' }),
    ]);
    await using router = await routerFor([replica]);
    await using client = await RawClient.connect(router.url, { first: init });
    expect((await client.gets(5)).slice(1).map(letters)).toEqual(['first', 'second', 'third', 'fourth']);
    expect(client.received.slice(1).map((one) => Buffer.isBuffer(one))).toEqual([true, true, false, true]);
  });

  it('and is more than fits into a turn of the event loop comes in later ones, in order', async () => {
    const count = 200;
    const numbers = Array.from({ length: count }, (_, index) => `${index}`);
    const frames = numbers.map((payload) => serverFrame({ opcode: index(payload) ? binary : text, payload }));
    const parted = [
      { opcode: binary, payload: 'in two', fin: false },
      { opcode: continuation, payload: ' frames' },
      { opcode: text, payload: 'last' },
    ];
    let turns = 0;
    using later = vi.spyOn(TurnShare.prototype, 'later');
    using _ = vi.spyOn(TurnShare.prototype, 'hasTime', 'get').mockImplementation(() => {
      turns += 1;
      return turns % 2 === 0;
    });
    await using replica = await replicaThatWrites((head) => [
      head,
      assigned,
      Buffer.concat([...frames, ...parted.map(serverFrame)]),
    ]);
    await using router = await routerFor([replica]);
    await using client = await RawClient.connect(router.url, { first: init });
    const got = (await client.gets(count + 3)).slice(1).map(letters);
    expect(got).toEqual([...numbers, 'in two frames', 'last']);
    expect(later.mock.calls.length).toBeGreaterThan(count / 2);
  });

  it.each<[string, FrameParts]>([
    ['is masked', { opcode: binary, payload: 'abc', masked: true }],
    ['is compressed', { opcode: binary, payload: 'abc', compressed: true }],
    ['is no UTF-8', { opcode: text, payload: Buffer.from([0xff]) }],
    ['is longer than it may be', { opcode: binary, payload: Buffer.alloc(2 ** 20 + 1) }],
  ])('and %s ends the connection to it, and the client is told', async (_, odd) => {
    await using replica = await replicaThatWrites((head) => [
      head,
      assigned,
      serverFrame({ opcode: binary, payload: 'first' }),
      serverFrame(odd),
    ]);
    await using router = await routerFor([replica], { max_message_bytes: 2 ** 20 });
    await using client = await RawClient.connect(router.url, { first: init });
    expect(await client.closed()).toEqual({ code: 1011, reason: 'replica_lost' });
    expect(client.received.slice(1, -1).map(letters)).toEqual(['first']);
    await waitFor('end', () => replica.sockets.every(({ destroyed }) => destroyed));
  });

  it('behind its close comes to nobody', async () => {
    const payload = Buffer.from([0x03, 0xe8, ...Buffer.from('bye')]);
    await using replica = await replicaThatWrites((head) => [
      head,
      Buffer.concat([assigned, serverFrame({ opcode: close, payload }), a]),
    ]);
    await using router = await routerFor([replica]);
    await using client = await RawClient.connect(router.url, { first: init });
    expect(await client.closed()).toEqual({ code: 1000, reason: 'bye' });
    expect(client.received).toHaveLength(1);
  });
});
