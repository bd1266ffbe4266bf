import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ContractClient } from '../contract/client.ts';
import { makeSegment } from '../contract/segment.ts';
import { quick, readyServer } from '../contract/servers.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { readyRouter } from './router-process.ts';

const token = 'a-token-for-the-operator';
let replica: ServerProcess;
beforeAll(async () => {
  replica = await readyServer('mock', quick);
});
afterAll(async () => {
  await replica.stop();
});

async function drain(router: ServerProcess, authorization?: string): Promise<number> {
  const headers = authorization === undefined ? {} : { authorization };
  return (await fetch(`${router.url}/admin/drain`, { method: 'POST', headers })).status;
}

async function refusalOf(router: ServerProcess): Promise<number | undefined> {
  const socket = new WebSocket(`${router.url.replace('http', 'ws')}/v1/stream`);
  socket.on('error', () => undefined);
  const [, { statusCode }] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  return statusCode;
}

describe('a router that drains', () => {
  it('takes no new client, lets sessions go on until they end, and ends with exit code 0', async () => {
    await using router = await readyRouter([replica.url]);
    await using client = await ContractClient.open(router.url);
    router.signal('SIGTERM');
    await waitFor('drain', async () => (await fetch(`${router.url}/readyz`)).status === 503);
    expect(await refusalOf(router)).toBe(503);
    await makeSegment(client, 'still served');
    client.send({ type: 'leave' });
    expect(await client.close()).toMatchObject({ code: 1000, reason: 'leave' });
    expect(await router.exited).toEqual({ code: 0, signal: null });
    expect(router.stdout()).toBe('');
  });

  it('closes what is still there after drain_seconds with 1001', async () => {
    await using router = await readyRouter([replica.url], { drain_seconds: 0.3 });
    await using client = await ContractClient.open(router.url);
    router.signal('SIGTERM');
    expect(await client.close()).toEqual({ kind: 'close', code: 1001, reason: 'server_draining' });
    expect(await router.exited).toEqual({ code: 0, signal: null });
  });

  it('ends at once at a second signal', async () => {
    await using router = await readyRouter([replica.url], { drain_seconds: 3600 });
    await using client = await ContractClient.open(router.url);
    router.signal('SIGTERM');
    await waitFor('drain', async () => (await fetch(`${router.url}/readyz`)).status === 503);
    router.signal('SIGTERM');
    expect(await router.exited).toEqual({ code: 130, signal: null });
    expect(await client.close()).toMatchObject({ code: 1006 });
  });

  it('does so when it is asked with the admin token, and only then', async () => {
    await using router = await readyRouter([replica.url], { admin_token: token });
    expect(await drain(router)).toBe(401);
    expect(await drain(router, 'Bearer a-token-for-somebody-els')).toBe(401);
    expect((await fetch(`${router.url}/readyz?strict`)).status).toBe(200);
    expect(await drain(router, `Bearer ${token}`)).toBe(202);
    expect(await router.exited).toEqual({ code: 0, signal: null });
  });

  it('has no such route without an admin token', async () => {
    await using router = await readyRouter([replica.url]);
    expect(await drain(router, `Bearer ${token}`)).toBe(404);
  });
});
