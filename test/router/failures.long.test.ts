import { afterEach, describe, expect, it } from 'vitest';
import { ContractClient } from '../contract/client.ts';
import { makeSegment } from '../contract/segment.ts';
import { quick, readyServer } from '../contract/servers.ts';
import { hangLimitMs } from '../support/hang-limit.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { becomes, mocks, readyRouter, rowOf, rowsOf, stopAll } from './router-process.ts';

const running: ServerProcess[] = [];
afterEach(async () => stopAll(...running.splice(0)));

async function twoBehind(
  settings: object,
  args = quick,
): Promise<[ServerProcess, ServerProcess, ServerProcess]> {
  const [first, second] = await mocks(2, args);
  if (!first || !second) throw new Error('Two were asked for.');
  running.push(first, second);
  const router = await readyRouter([{ url: first.url, primary: true }, second.url], settings);
  running.push(router);
  return [router, first, second];
}

describe('a router whose replicas are all down', () => {
  it('starts, is not ready, tells clients to come again, and serves when one is up', async () => {
    const mock = await readyServer('mock', quick);
    const { url } = mock;
    await mock.stop();
    const router = await readyRouter([url], { wait_seconds: 0 });
    running.push(router);
    expect((await fetch(`${router.url}/readyz?strict`)).status).toBe(503);
    expect((await fetch(`${router.url}/readyz`)).status).toBe(200);
    expect((await fetch(`${router.url}/healthz`)).status).toBe(200);
    await becomes(router, url, 'unhealthy');
    expect(await rowsOf(router)).toMatchObject([{ url, last_ok_at: null, last_latency_ms: null }]);
    {
      await using client = await ContractClient.connect(router.url);
      client.send({ type: 'session_init_v2' });
      expect(await client.frame()).toMatchObject({ type: 'error', code: 'gpu_unavailable', retryable: true });
      expect(await client.next()).toEqual({ kind: 'close', code: 1013, reason: 'no_healthy_replica' });
    }
    running.push(await readyServer('mock', [...quick, '--server.port', new URL(url).port]));
    await waitFor('readiness', async () => (await fetch(`${router.url}/readyz?strict`)).ok);
    await using client = await ContractClient.open(router.url);
    await makeSegment(client, 'a red fox');
  });
});

describe('replicas at their limit', () => {
  it('let a session in that waited until another had left', async () => {
    const [router] = await twoBehind({ wait_seconds: hangLimitMs / 1000 }, [
      ...quick,
      '--streaming.max_sessions',
      '1',
    ]);
    await using one = await ContractClient.open(router.url);
    await using two = await ContractClient.open(router.url);
    await using three = await ContractClient.connect(router.url);
    three.send({ type: 'session_init_v2' });
    two.send({ type: 'leave' });
    await three.until('ltx2_stream_start');
    await makeSegment(three, 'a fox');
    await makeSegment(one, 'a bear');
  });
});

describe('a resume through the router', () => {
  it('goes to the replica that held the session', async () => {
    const [router, first, second] = await twoBehind({ policy: 'weighted' });
    const clients: ContractClient[] = [];
    // In turn: the resumes come when it is the other's turn.
    for (let count = 0; count < 3; count += 1) clients.push(await ContractClient.open(router.url));
    const [held] = clients;
    if (!held) throw new Error('No session was opened.');
    const [assigned] = held.frames('gpu_assigned');
    await makeSegment(held, 'a red fox');
    await held[Symbol.asyncDispose]();
    await waitFor('end', async () => (await rowOf(router, first.url)).active_sessions === 1);
    const resume = { session_id: assigned?.session_id, resume_token: assigned?.resume_token };
    await using client = await ContractClient.connect(router.url);
    client.send({ type: 'session_init_v2', resume });
    await client.until('ltx2_stream_start');
    expect(await rowOf(router, first.url)).toMatchObject({ active_sessions: 2 });
    expect(await rowOf(router, second.url)).toMatchObject({ active_sessions: 1 });
    for (const other of clients) await other[Symbol.asyncDispose]();
  });
});
