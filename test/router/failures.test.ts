import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContractClient } from '../contract/client.ts';
import { endless, idle, readyServer } from '../contract/servers.ts';
import { hangLimitMs } from '../support/hang-limit.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { becomes, mocks, readyRouter, rowOf, rowsOf, stopAll } from './router-process.ts';

const oneSession = [...endless, '--streaming.max_sessions', '1'];
const running: ServerProcess[] = [];
let first: ServerProcess;
let second: ServerProcess;
beforeAll(async () => {
  running.push(...(await mocks(2, oneSession)));
  [first, second] = running as [ServerProcess, ServerProcess];
});
afterAll(async () => stopAll(...running));

describe('replicas at their limit', () => {
  it('are never given more; the session beyond them is told to come again', async () => {
    const router = await readyRouter([{ url: first.url, primary: true }, second.url]);
    running.push(router);
    await using one = await ContractClient.open(router.url);
    await using two = await ContractClient.open(router.url);
    expect(await rowsOf(router)).toMatchObject([
      { url: first.url, active_sessions: 1, consecutive_failures: 0 },
      { url: second.url, active_sessions: 1, consecutive_failures: 0 },
    ]);
    await using three = await ContractClient.connect(router.url);
    three.send({ type: 'session_init_v2' });
    expect(await three.frame()).toMatchObject({ code: 'gpu_unavailable', retryable: true });
    expect(await three.next()).toEqual({ kind: 'close', code: 1013, reason: 'no_healthy_replica' });
    for (const client of [one, two]) {
      client.prompt('a fox');
      await client.untilBinary();
    }
  });
});

describe('a replica that is killed', () => {
  it('becomes unhealthy, its sessions end with worker_failed where failover is "error", new ones go to the other; it comes back', async () => {
    const router = await readyRouter([{ url: first.url, primary: true }, second.url], {
      failover: 'error',
      // A session that was just left may still take the place of the next one.
      wait_seconds: hangLimitMs / 1000,
    });
    running.push(router);
    await Promise.all([idle(first), idle(second)]);
    await using lost = await ContractClient.open(router.url);
    lost.prompt('never ends');
    await lost.untilBinary();
    expect(await rowOf(router, first.url)).toMatchObject({ active_sessions: 1 });
    first.signal('SIGKILL');
    const { code, reason } = await lost.close();
    expect({ code, reason }).toEqual({ code: 1011, reason: 'replica_lost' });
    expect(lost.frames('error')).toMatchObject([{ code: 'worker_failed', retryable: true }]);

    // Whether or not the router has noticed yet.
    await using next = await ContractClient.open(router.url);
    await next[Symbol.asyncDispose]();
    await becomes(router, first.url, 'unhealthy');
    expect((await rowOf(router, first.url)).consecutive_failures).toBeGreaterThanOrEqual(2);
    await using other = await ContractClient.open(router.url);
    expect(await rowOf(router, second.url)).toMatchObject({ active_sessions: 1 });
    other.prompt('goes on');
    await other.untilBinary();
    await other[Symbol.asyncDispose]();

    const { port } = new URL(first.url);
    running.push(await readyServer('mock', [...oneSession, '--server.port', port]));
    await becomes(router, first.url, 'healthy');
    await using _back = await ContractClient.open(router.url);
    expect(await rowOf(router, first.url)).toMatchObject({ active_sessions: 1 });
  });
});
