import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { png } from '../sessions/pictures.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { ProjectClient } from './project/project-client.ts';
import { quick, sharedServers } from './servers.ts';

const shared = sharedServers();
const limit = (name: string, value: number) => [`--server.limits.${name}`, String(value)];
const small = [
  ...quick,
  ...['--server.max_message_bytes', '65536'],
  ...limit('http_body_bytes', 20_000),
  ...limit('presets_bytes', 16_384),
  ...limit('waiting_messages', 10),
  ...limit('waiting_bytes', 20_000),
  ...limit('image_pixels', 1000),
];

/** How often that limit was reached so far. */
async function reached(server: ServerProcess, name: string): Promise<number> {
  // A connection that is kept may be closed for the next one, at any time.
  const headers = { connection: 'close' };
  const metrics = await (await fetch(`${server.url}/metrics`, { headers })).text();
  const found = new RegExp(`^fastvideo\\w*_limits_reached_total\\{limit="${name}"\\} (\\d+)$`, 'm').exec(
    metrics,
  );
  return Number(found?.[1] ?? 0);
}

async function expectReached(server: ServerProcess, name: string, times: number): Promise<void> {
  await waitFor(`${name} to be counted`, async () => (await reached(server, name)) === times);
}

const post = async (server: ServerProcess, body: object) =>
  await fetch(`${server.url}/curated-presets/append`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('server.limits, each counted in /metrics when it is reached', () => {
  it('http_body_bytes: answers 413', async () => {
    const server = await shared('serve', small);
    expect((await post(server, { id: 'x'.repeat(30_000) })).status).toBe(413);
    await expectReached(server, 'http_body_bytes', 1);
  });

  it('presets_bytes: refuses the preset that is too much', async () => {
    const server = await shared('serve', small);
    const preset = (id: string) => ({ id, label: id, segment_prompts: ['a fox', 'x'.repeat(10_000)] });
    const first = await post(server, preset('one'));
    expect([first.status, await first.text()]).toEqual([200, expect.stringContaining('"one"')]);
    const refused = await post(server, preset('two'));
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ message: 'The presets would be larger than 16384 bytes.' });
    await expectReached(server, 'presets_bytes', 1);
  });

  it('image_pixels: refuses the picture that claims more, in both dialects', async () => {
    const server = await shared('serve', small);
    const data = png({ width: 100, height: 11 }).toString('base64');
    const init = { initial_image: { mime: 'image/png', data } };
    const message =
      'initial_image: it is 100x11, which is 1100 pixels, the limit is 1000; send a smaller picture.';
    await using native = await ContractClient.connect(server.url);
    native.send({ type: 'session_init_v2', ...init });
    expect(await native.frame()).toMatchObject({ type: 'error', code: 'invalid_message', message });
    expect(await native.next()).toEqual({ kind: 'close', code: 1003, reason: 'invalid_init' });
    await using project = await ProjectClient.open(server.url, init);
    expect(await project.until('error')).toMatchObject({
      message:
        'The picture cannot be used: it is 100x11, which is 1100 pixels, the limit is 1000; choose a smaller picture.',
      about: { detail: message },
    });
    expect(await project.close()).toMatchObject({ code: 1003, reason: 'Invalid initial image' });
    await expectReached(server, 'image_pixels', 2);
  });

  it('max_message_bytes: closes with 1009', async () => {
    const server = await shared('serve', small);
    await using client = await ContractClient.connect(server.url);
    client.send({ type: 'session_init_v2', initial_image: { mime: 'image/png', data: 'A'.repeat(70_000) } });
    expect(await client.close()).toMatchObject({ code: 1009 });
    await expectReached(server, 'max_message_bytes', 1);
  });

  it('waiting_messages and waiting_bytes: answers with an error, and reads no more', async () => {
    const server = await shared('serve', small);
    await using _holder = await ContractClient.open(server.url);
    const socket = new WebSocket(`${server.url.replace(/^http/, 'ws')}/ws`);
    const errors = new Promise<string>((resolve) =>
      socket.on('message', (data: Buffer) => {
        if (data.includes('Too many messages')) resolve(data.toString());
      }),
    );
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send('{"type":"session_init_v2"}');
    for (let count = 0; count < 11; count += 1) socket.send('{"type":"append_prompt","prompt":"a fox"}');
    expect(await errors).toContain('"error"');
    await expectReached(server, 'waiting_messages', 1);
    socket.terminate();

    const large = new WebSocket(`${server.url.replace(/^http/, 'ws')}/ws`);
    await new Promise((resolve) => large.once('open', resolve));
    large.send('{"type":"session_init_v2"}');
    large.send(JSON.stringify({ type: 'append_prompt', prompt: 'a fox '.repeat(5000) }));
    await expectReached(server, 'waiting_bytes', 1);
    large.terminate();
  });

  it('max_connections and http_connections: refuses the one too many', async () => {
    const server = await shared('mock', [
      ...quick,
      ...['--server.max_connections', '1'],
      ...limit('http_connections', 20),
    ]);
    await using _holder = await ContractClient.open(server.url);
    const second = new WebSocket(`${server.url.replace(/^http/, 'ws')}/v1/stream`);
    expect(await new Promise((resolve) => second.once('error', resolve))).toMatchObject({
      message: 'Unexpected server response: 503',
    });
    await expectReached(server, 'max_connections', 1);

    const port = Number(new URL(server.url).port);
    const idlers = Array.from({ length: 22 }, () => connect(port, '127.0.0.1'));
    await Promise.race(idlers.map((idler) => text(idler).catch(() => undefined)));
    for (const idler of idlers) idler.destroy();
    await waitFor(
      'http_connections to be counted',
      async () => (await reached(server, 'http_connections')) > 0,
    );
  });

  it('http_headers_bytes and http_request_seconds: answers 431 and 408', async () => {
    const server = await shared('mock', [
      ...quick,
      ...limit('http_headers_seconds', 0.1),
      ...limit('http_request_seconds', 0.2),
    ]);
    const send = async (head: string) => {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      socket.write(head);
      return await text(socket);
    };
    expect(await send(`GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}`)).toMatch(/^HTTP\/1\.1 431 /);
    await expectReached(server, 'http_headers_bytes', 1);
    expect(await send('GET / HTTP/1.1\r\nx: ')).toMatch(/^HTTP\/1\.1 408 /);
    await expectReached(server, 'http_request_seconds', 1);
  });
});
