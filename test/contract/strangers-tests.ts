import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { makeSegment } from './segment.ts';
import { type Command, idle, quick, quickFrames } from './servers.ts';

const upgrade = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** What a stranger sends to a server that anybody may connect to, and that it lives on and serves the next one. */
export function strangersTests(
  shared: (command: Command, args: readonly string[]) => Promise<ServerProcess>,
  command: Command,
): void {
  describe(`\`fastvideo ${command}\`, when a stranger sends`, () => {
    let server: ServerProcess;

    afterEach(async () => {
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      await idle(server);
      await using client = await ContractClient.open(server.url);
      await makeSegment(client, 'a red fox');
    });

    it.each(['//', '///', 'http://', 'http://[x]/nothing', 'http://a:99999/nothing', '//%zz:x/', '*', '/%'])(
      'a WebSocket request for %s, answers 404',
      async (target) => {
        server = await shared(command, quick);
        expect(await answerTo(server, [`GET ${target} HTTP/1.1`, 'Host: localhost', ...upgrade])).toMatch(
          /^HTTP\/1\.1 40[04] /,
        );
      },
    );

    it('more connections at once than it can accept, loses none of them', async () => {
      server = await shared(command, quick);
      server.signal('SIGSTOP');
      const held = Array.from({ length: await connectionsHeld() }, () =>
        connect(Number(new URL(server.url).port), '127.0.0.1'),
      );
      // The system sends the packets of those that it has no room for again, and drops them again.
      await Promise.all(held.map((socket) => once(socket, 'connect')));
      server.signal('SIGCONT');
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      for (const socket of held) socket.destroy();
    });

    it.each(['/healthz', '/status', '/'])('GET %s with Upgrade: h2c, answers as without', async (path) => {
      server = await shared(command, quick);
      const fields = [
        'Host: localhost',
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'HTTP2-Settings: AAMA',
      ];
      const answer = await answerTo(server, [`GET ${path} HTTP/1.1`, ...fields]);
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      const plain = await (await fetch(`${server.url}${path}`)).text();
      if (path === '/') expect(answer.endsWith(plain)).toBe(true);
    });

    it('a foreign Host, refuses it for every route but the probes and for WebSockets of pages', async () => {
      server = await shared(command, quick);
      for (const path of ['/', '/status', '/metrics', '/prompt-system-config', '/docs/json']) {
        expect(
          await answerTo(server, [`GET ${path} HTTP/1.1`, 'Host: evil.example', 'Connection: close']),
        ).toMatch(/^HTTP\/1\.1 403 .*server\.allowed_hosts/s);
      }
      const page = ['Host: evil.example', 'Origin: http://evil.example', ...upgrade];
      expect(await answerTo(server, ['GET /v1/stream HTTP/1.1', ...page])).toMatch(/^HTTP\/1\.1 403 /);
    });

    it.each(['GET', 'HEAD'])('%s of a probe, answers whatever name it is called by', async (method) => {
      server = await shared(command, quick);
      for (const path of ['/health', '/healthz', '/readyz']) {
        const fields = ['Host: replica-3.internal', 'Connection: close'];
        expect(await answerTo(server, [`${method} ${path} HTTP/1.1`, ...fields]), path).toMatch(
          /^HTTP\/1\.1 200 /,
        );
      }
    });

    it('a change from a foreign page, refuses it', async () => {
      server = await shared(command, quick);
      for (const path of ['/prompt-system-config', '/curated-presets/append', '/lora']) {
        const headers = { origin: 'http://evil.example', 'content-type': 'application/json' };
        const { status } = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: '{}' });
        expect(status, path).toBe(403);
      }
    });

    it.each([
      [
        'a picture of megabytes of spaces',
        { initial_image: { mime: 'image/png', data: `${' '.repeat(4e6)}!` } },
      ],
      ['a state of a million numbers', { continuation_state: state({ x: Array(999_990).fill(0) }) }],
      ['a state of more values than may be', { continuation_state: state({ x: Array(1_100_000).fill(0) }) }],
      ['a state of many empty objects', { continuation_state: state({ x: Array(90_000).fill({}) }) }],
      ['a state of many references', { continuation_state: state({ x: Array(20_000).fill({ $ref: {} }) }) }],
      [
        'a state of much that is no base64',
        { continuation_state: state({ $base64: `${'A'.repeat(4e6)}!` }) },
      ],
    ])('%s, tells it what is wrong', async (_, init) => {
      server = await shared(command, quick);
      await using client = await ContractClient.connect(server.url);
      client.send({ type: 'session_init_v2', ...init });
      const frame = await firstError(client);
      expect(['invalid_message', 'preset_mismatch']).toContain(frame['code']);
      expect(String(frame['message']).length).toBeLessThan(1000);
    });

    it('a claim to have more frames than a segment has, refuses it', async () => {
      server = await shared(command, quick);
      const [checkpoint, already_sent] = await checkpointOf(server);
      await using client = await ContractClient.connect(server.url);
      const claim = { ...already_sent, frames: 1_000_000 };
      client.send({ type: 'session_init_v2', checkpoint, already_sent: claim });
      expect(await client.frame()).toMatchObject({
        code: 'invalid_message',
        message: `session_init_v2: already_sent: frames is 1000000, a segment has ${quickFrames}.`,
      });
    });

    it.each(['/v1/stream', '/ws'])(
      'far more messages to %s than it may, reads them more slowly',
      async (path) => {
        const rate = ['--server.messages_per_second', '500', '--server.message_burst', '20'];
        server = await shared(command, [...quick, ...rate]);
        const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`);
        let errors = 0;
        socket.on('message', (data, isBinary) => {
          if (!isBinary && String(data).includes('"type":"error"')) errors += 1;
        });
        await once(socket, 'open');
        socket.send('{"type":"session_init_v2","curated_prompts":["a fox"]}');
        await once(socket, 'message');
        for (let count = 0; count < 200; count += 1) socket.send('junk');
        await waitFor('answers', () => errors >= 200);
        const metrics = await (await fetch(`${server.url}/metrics`)).text();
        expect(metrics).toMatch(/^fastvideo_clients_slowed_total [1-9]/m);
        expect(socket.readyState).toBe(socket.OPEN);
        socket.terminate();
      },
    );

    it('more messages than may wait before its session is open, closes', async () => {
      server = await shared(command, quick);
      await using holder = await ContractClient.open(server.url);
      const socket = new WebSocket(`${server.url.replace(/^http/, 'ws')}/v1/stream`);
      socket.on('error', () => undefined);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.on('open', () => {
        for (let count = 0; count < 300; count += 1) socket.send(`{"type":"nonsense","n":${count}}`);
      });
      // Only what is wrong with the first one is told: the connection ends with it.
      await closed;
      holder.send({ type: 'leave' });
      await holder.close();
    });
  });
}

function state(payload: object): object {
  return { kind: 'a stranger', payload };
}

/** All that comes back until the server closes. */
async function answerTo(server: ServerProcess, lines: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return await text(socket);
}

async function firstError(client: ContractClient) {
  for (;;) {
    const received = await client.next();
    if (received.kind === 'close') throw new Error(`It closed without an error.\n${client.transcript()}`);
    if (received.kind === 'frame' && received.frame.type === 'error') return received.frame;
  }
}

/** Of a session whose first segment is being made. */
async function checkpointOf(server: ServerProcess): Promise<[object, object]> {
  const socket = new WebSocket(`${server.url.replace(/^http/, 'ws')}/v1/stream`);
  const members: Record<string, unknown> = {};
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => {
      socket.send('{"type":"session_init_v2","checkpoints":true}');
      socket.send('{"type":"segment_prompt_source","prompt":"a red fox"}');
    });
    socket.on('message', (data: Buffer, isBinary) => {
      const frame: { type?: string; set?: object } = isBinary
        ? {}
        : (JSON.parse(data.toString()) as { type: string; set?: object });
      if (frame.type !== 'session_checkpoint') return;
      Object.assign(members, frame.set);
      if (members['current']) resolve();
    });
  });
  socket.terminate();
  const { segment_idx } = members['current'] as { readonly segment_idx: number };
  const none = { started: true, steps: 0, init: false, chunks: 0, bytes: 0, frames: 0, audio_end: null };
  return [members, { ...none, segment_idx, media_complete: false }];
}

/** Below the most that the system holds for one server, where it tells. */
async function connectionsHeld(): Promise<number> {
  const most = await readFile('/proc/sys/net/core/somaxconn', 'utf8').catch(() => '128');
  return Math.min(1000, Number(most));
}
