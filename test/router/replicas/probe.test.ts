import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { probeOverHttp } from '../../../src/core/router/replicas/probe.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function probe(listener: RequestListener, more: { timeoutMs?: number; apiKey?: string } = {}) {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const target = { url, path: '/health?deep', timeoutMs: 20_000, apiKey: undefined, ...more };
  return await probeOverHttp(target, new AbortController().signal);
}

const status = {
  total_gpus: 4,
  available_gpus: 1,
  queue_size: 2,
  session_count: 5,
  max_sessions: 8,
  draining: true,
  gpu_status: { 0: { client_count: 1 } },
};

const answering = (body: string) =>
  ((request, response) => {
    response.end(request.url === '/status' ? body : 'ok');
  }) satisfies RequestListener;

describe('a probe', () => {
  it('asks the path as it is, with the key, and reads the load', async () => {
    const asked: unknown[] = [];
    const result = await probe(
      (request, response) => {
        asked.push([request.url, request.headers['x-api-key']]);
        answering(JSON.stringify(status))(request, response);
      },
      { apiKey: 'a key' },
    );
    expect(result).toMatchObject({
      ok: true,
      load: { totalWorkers: 4, freeWorkers: 1, sessions: 5, maxSessions: 8, draining: true },
    });
    expect(asked.sort()).toEqual([
      ['/health?deep', 'a key'],
      ['/status', 'a key'],
    ]);
  });

  it("reads the status of FastVideo's Python server", async () => {
    const { session_count: _1, max_sessions: _2, draining: _3, ...python } = status;
    expect(await probe(answering(JSON.stringify(python)))).toMatchObject({
      load: { sessions: 1, maxSessions: undefined, draining: false },
    });
  });

  it.each([
    ['not JSON', '<html>'],
    ['of something else', '{"replicas": []}'],
    ['without an end', `"${'x'.repeat(2 ** 21)}"`],
  ])('is good without a load when the status is %s', async (_, body) => {
    expect(await probe(answering(body))).toMatchObject({ ok: true, load: undefined });
  });

  it.each([302, 204])('is good when the answer is HTTP %i, as for FastVideo', async (code) => {
    const result = await probe((_, response) => response.writeHead(code, { location: '/ok' }).end());
    expect(result).toMatchObject({ ok: true });
  });

  it.each([500, 404])('is a failure when the answer is HTTP %i', async (code) => {
    const result = await probe((_, response) => response.writeHead(code, { location: '/ok' }).end());
    expect(result).toEqual({ ok: false, reason: `/health?deep answered HTTP ${code}` });
  });

  it.each([
    ['never answers', () => undefined],
    ['never ends its answer', ((_, response) => response.write('o')) satisfies RequestListener],
  ])('is a failure when the replica %s within the limit', async (_, listener) => {
    expect(await probe(listener, { timeoutMs: 50 })).toMatchObject({
      ok: false,
      reason: 'no answer within 50 ms',
    });
  });

  it('that is answered too late says so, and that it was answered', async () => {
    let answer: () => void = () => undefined;
    const listener: RequestListener = (_, response) => {
      answer = () => response.end('ok');
    };
    const result = await probe(
      (request, response) => {
        if (request.url === '/status') response.end('{}');
        else listener(request, response);
      },
      { timeoutMs: 50 },
    );
    expect(result.ok).toBe(false);
    answer();
    expect(await (result as { readonly late?: Promise<boolean> }).late).toBe(true);
  });

  it('says why nobody answers', async () => {
    const target = { url: 'http://127.0.0.1:1', path: '/', timeoutMs: 20_000, apiKey: undefined };
    expect(await probeOverHttp(target, new AbortController().signal)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('ECONNREFUSED'),
    });
  });
});
