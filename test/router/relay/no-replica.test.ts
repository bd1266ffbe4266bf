import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { waitFor } from '../../support/wait-for.ts';
import { fakeReplica, init, letIn, never, patient, type RunningRouter, routerFor } from './fake-replica.ts';
import { RawClient } from './raw-client.ts';

const paths = ['/v1/stream', '/ws'];

async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return `http://127.0.0.1:${address.port}`;
}

/** One replica that is down, and is known to be after so many probes. */
async function routerForNone(failureThreshold: number, settings: object = {}): Promise<RunningRouter> {
  const health_check = {
    interval_seconds: 3600,
    timeout_seconds: never,
    failure_threshold: failureThreshold,
  };
  return await routerFor([{ url: await closedPort() }], { health_check, ...settings });
}

describe('with no healthy replica, a new client', () => {
  it.each(paths)('of %s is told so at once, without a word of its own', async (path) => {
    await using router = await routerForNone(1);
    await using client = await RawClient.connect(router.url, { path });
    expect(await client.closed()).toEqual({ code: 1013, reason: 'no_healthy_replica' });
    expect(client.received.map((frame) => JSON.parse(String(frame)))).toEqual([
      {
        type: 'error',
        code: 'gpu_unavailable',
        message: expect.stringContaining('replica unavailable'),
        retryable: true,
      },
    ]);
    expect(await router.metrics()).toContain('fastvideo_router_errors_total{code="gpu_unavailable"} 1');
  });

  it.each(paths)('of %s is told so behind its first frame too', async (path) => {
    await using router = await routerForNone(1);
    await using client = await RawClient.connect(router.url, { path, first: init });
    expect(await client.closed()).toEqual({ code: 1013, reason: 'no_healthy_replica' });
    expect(client.types()).toEqual(['error']);
  });

  it.each(paths)('of %s waits for one as long as wait_seconds lets it', async (path) => {
    let isUp = false;
    const letsIn = (socket: WebSocket) => socket.once('message', () => letIn(socket));
    await using replica = await fakeReplica({ serve: letsIn, answersProbes: () => isUp });
    await using router = await routerFor([replica], {
      wait_seconds: never,
      health_check: { ...patient, failure_threshold: 1, recovery_threshold: 1 },
    });
    expect(router.registry.replicas.map(({ health }) => health.state)).toEqual(['unhealthy']);
    await using client = await RawClient.connect(router.url, { path, first: init });
    isUp = true;
    await client.gets(1);
    expect(client.types()).toEqual(['gpu_assigned']);
  });
});

describe('while it is not known whether a replica is healthy, a new client', () => {
  it('of /v1/stream has the time of its first frame', async () => {
    await using router = await routerForNone(3, { init_timeout_seconds: 0.2 });
    await using client = await RawClient.connect(router.url);
    expect(await client.closed()).toEqual({ code: 1003, reason: 'invalid_init' });
  });

  it('of /ws waits for one as long as wait_seconds lets it', async () => {
    let isUp = false;
    const letsIn = (socket: WebSocket) => socket.once('message', () => letIn(socket));
    await using replica = await fakeReplica({ serve: letsIn, answersProbes: () => isUp });
    await using router = await routerFor([replica], {
      wait_seconds: never,
      health_check: { ...patient, failure_threshold: 100_000 },
    });
    await using client = await RawClient.connect(router.url, { path: '/ws', first: init });
    await waitFor('a failed probe', () => (router.registry.replicas[0]?.health.consecutiveFailures ?? 0) > 1);
    expect(client.types()).toEqual([]);
    isUp = true;
    await client.gets(1);
    expect(client.types()).toEqual(['gpu_assigned']);
  });
});
