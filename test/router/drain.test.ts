import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ContractClient } from '../contract/client.ts';
import { endless, readyServer } from '../contract/servers.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { readyRouter, stopAll } from './router-process.ts';

const token = 'a-token-for-the-operator';
let slow: ServerProcess;
beforeAll(async () => {
  slow = await readyServer('mock', endless);
});
afterAll(async () => stopAll(slow));

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
  it('takes no new client, lets running segments end, tells clients to come again, and ends with exit code 0', async () => {
    await using router = await readyRouter([slow.url], { drain_seconds: 600 });
    await using idle = await ContractClient.open(router.url);
    await using busy = await ContractClient.open(router.url);
    busy.prompt('still made');
    await busy.untilBinary();
    router.signal('SIGTERM');
    await idle.close();
    expect(idle.frames('ltx2_stream_complete')).toMatchObject([{ reason: 'stop_requested' }]);
    expect(idle.frames('error')).toMatchObject([{ code: 'session_rejected', retryable: true }]);
    expect(idle.received.at(-1)).toEqual({ kind: 'close', code: 1001, reason: 'server_draining' });
    expect(await refusalOf(router)).toBe(503);
    busy.send({ type: 'cancel_segment' });
    expect(await busy.close()).toEqual({ kind: 'close', code: 1001, reason: 'server_draining' });
    expect(busy.frames('segment_cancelled')).toHaveLength(1);
    expect(busy.frames('error')).toMatchObject([{ code: 'session_rejected', retryable: true }]);
    expect(busy.frames('ltx2_stream_complete')).toHaveLength(1);
    expect(await router.exited).toEqual({ code: 0, signal: null });
    expect(router.stdout()).toBe('');
  });

  it('cuts a segment off that is still being made after drain_seconds, and answers what waits', async () => {
    await using router = await readyRouter([slow.url], { drain_seconds: 0.3 });
    await using client = await ContractClient.open(router.url);
    client.prompt('never ends');
    await client.untilBinary();
    client.prompt('waits');
    // Answered in order: the prompt has come to the router by then.
    client.socket.ping();
    await once(client.socket, 'pong');
    router.signal('SIGTERM');
    expect(await client.close()).toEqual({ kind: 'close', code: 1001, reason: 'server_draining' });
    expect(client.frames('segment_cancelled')).toHaveLength(1);
    expect(client.frames('error')).toMatchObject([
      {
        code: 'session_rejected',
        retryable: true,
        message: expect.stringContaining('"waits" was not generated'),
      },
      { code: 'session_rejected', retryable: true },
    ]);
    expect(await router.exited).toEqual({ code: 0, signal: null });
  });

  it('does so when it is asked with the admin token, and only then', async () => {
    await using router = await readyRouter([slow.url], { admin_token: token });
    expect(await drain(router)).toBe(401);
    expect(await drain(router, 'Bearer a-token-for-somebody-els')).toBe(401);
    expect((await fetch(`${router.url}/readyz?strict`)).status).toBe(200);
    expect(await drain(router, `Bearer ${token}`)).toBe(202);
    expect(await router.exited).toEqual({ code: 0, signal: null });
  });
});
