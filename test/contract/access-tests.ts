import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient } from './client.ts';
import { type Command, quick, readyServer, type Shared } from './servers.ts';

interface Attempt {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly path?: string;
}

/** The answer to an upgrade that is refused. */
async function refusal(server: ServerProcess, { headers = {}, query = '', path = '/v1/stream' }: Attempt) {
  const socket = new WebSocket(`${server.url.replace(/^http/, 'ws')}${path}${query}`, {
    headers: { ...headers },
  });
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  socket.terminate();
  return { status: response.statusCode, body: JSON.parse(body) as unknown };
}

export function accessTests(shared: Shared, command: Command): void {
  describe(`who may open a stream of \`fastvideo ${command}\``, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, [...quick, '--server.allowed_origins', '[https://app.example.org]']);
    });

    it.each(['https://evil.example', 'http://localhost.evil.example', 'null'])(
      'not a page of the foreign origin %s: HTTP 403 before the upgrade',
      async (origin) => {
        const { status, body } = await refusal(server, { headers: { origin } });
        expect(status).toBe(403);
        expect(body).toMatchObject({ code: 'unauthorized', message: expect.stringContaining(origin) });
      },
    );

    it('not a foreign page that names its own host: a name can be made to resolve to this machine', async () => {
      const headers = { origin: 'http://rebound.example', host: 'rebound.example' };
      expect((await refusal(server, { headers })).status).toBe(403);
    });

    it('a page of the server itself, of an allowed origin, and a program without an origin', async () => {
      for (const origin of [server.url, 'https://app.example.org', undefined]) {
        const headers = origin === undefined ? {} : { origin };
        await using client = await ContractClient.connect(server.url, { headers });
        client.send({ type: 'session_init_v2' });
        expect((await client.frame()).type).toBe('queue_status');
      }
    });

    it('nobody on another path: HTTP 404 that names the right one', async () => {
      const { status, body } = await refusal(server, { path: '/stream' });
      expect(status).toBe(404);
      expect(body).toMatchObject({ message: expect.stringContaining('/v1/stream') });
    });
  });

  describe(`the keys of \`fastvideo ${command}\``, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await readyServer(command, [...quick, '--server.api_keys', '[first-key, second-key]']);
    });
    afterAll(async () => server.stop());

    const ways: readonly (readonly [string, (key: string) => Attempt])[] = [
      ['Authorization: Bearer', (key) => ({ headers: { authorization: `Bearer ${key}` } })],
      ['X-API-Key', (key) => ({ headers: { 'x-api-key': key } })],
      ['?api_key=', (key) => ({ query: `?api_key=${key}` })],
    ];

    it.each(ways)('are taken as %s', async (_, attempt) => {
      for (const key of ['first-key', 'second-key']) {
        await using client = await ContractClient.connect(server.url, attempt(key));
        client.send({ type: 'session_init_v2' });
        expect((await client.frame()).type).toBe('queue_status');
      }
    });

    it.each(ways)('are refused with HTTP 401 when wrong as %s', async (_, attempt) => {
      const { status, body } = await refusal(server, attempt('third-key'));
      expect(status).toBe(401);
      expect(body).toMatchObject({ code: 'unauthorized', message: expect.stringMatching(/wrong/) });
    });

    it('are asked for with HTTP 401 when missing', async () => {
      const { status, body } = await refusal(server, {});
      expect(status).toBe(401);
      expect(body).toMatchObject({ code: 'unauthorized', message: expect.stringMatching(/X-API-Key/) });
    });

    it('are asked for by /status and /metrics, not by probes', async () => {
      for (const route of ['/status', '/metrics', '/docs/json']) {
        expect((await fetch(`${server.url}${route}`)).status, route).toBe(401);
        const headers = { 'x-api-key': 'second-key' };
        expect((await fetch(`${server.url}${route}`, { headers })).status, route).toBe(200);
      }
      for (const route of ['/health', '/healthz', '/readyz', '/readyz?strict']) {
        expect((await fetch(`${server.url}${route}`)).status, route).toBe(200);
      }
    });

    it('never come into the log', async () => {
      await refusal(server, { query: '?api_key=guess-4711' });
      await using client = await ContractClient.connect(server.url, { query: '?api_key=first-key' });
      client.send({ type: 'session_init_v2' });
      await client.until('ltx2_stream_start');
      expect(server.stderr()).not.toMatch(/first-key|second-key|guess-4711/);
    });
  });
}
