import { afterAll, describe, expect, it } from 'vitest';
import { startStream } from '../client/run-stream.ts';
import { readyRouter, stopAll } from '../router/router-process.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { ProjectClient } from './project/project-client.ts';
import { endless, quick, readyServer, sharedServers, statusOf } from './servers.ts';

const shared = sharedServers();
const routers = new Map<string, Promise<ServerProcess>>();
afterAll(async () => stopAll(...(await Promise.all(routers.values()))));

/** The address of a router in front of the server. */
async function routed({ url }: ServerProcess): Promise<string> {
  const router = routers.get(url) ?? readyRouter([url]);
  routers.set(url, router);
  return (await router).url;
}

async function waitingClient(dialect: string, url: string): Promise<ContractClient | ProjectClient> {
  if (dialect === '/ws') return await ProjectClient.open(url);
  const client = await ContractClient.connect(url);
  client.send({ type: 'session_init_v2' });
  return client;
}

const because = (reason: string) => (frame: object) => 'reason' in frame && frame.reason === reason;

describe.each(['/v1/stream', '/ws'])('a session of %s that waits for a worker', (dialect) => {
  it('is told that all workers are busy, and that one is held by an idle session, also through a router', async () => {
    const server = await shared('serve', endless);
    await using bound = await ContractClient.open(server.url);
    bound.prompt('a fox');
    await bound.untilBinary();
    await using direct = await waitingClient(dialect, server.url);
    const busy = await direct.until('queue_status', ({ position }) => position === 1);
    expect(busy).toMatchObject({ reason: 'workers_busy' });
    await using far = await waitingClient(dialect, await routed(server));
    expect(await far.until('queue_status', ({ position }) => position === 2)).toMatchObject({
      reason: 'workers_busy',
    });
    bound.send({ type: 'cancel_segment' });
    expect(await direct.until('queue_status', because('idle_session'))).toMatchObject({ position: 1 });
    expect(await far.until('queue_status', because('idle_session'))).toMatchObject({ position: 2 });
    bound.prompt('a bear');
    await direct.until('queue_status', because('workers_busy'));
    bound.send({ type: 'leave' });
    await direct.until('gpu_assigned');
  });

  it('is told that the server is warming up', async () => {
    // A warm-up of a segment this long does not end while the test looks.
    await using server = await startServer({ command: 'serve', args: endless });
    await using client = await waitingClient(dialect, server.url);
    expect(await client.until('queue_status', ({ position }) => position === 1)).toMatchObject({
      reason: 'warming_up',
    });
    server.signal('SIGKILL');
  });

  it('is told that the server is shutting down, before it is refused', async () => {
    await using server = await readyServer('serve', quick);
    await using _bound = await ContractClient.open(server.url);
    await using client = await waitingClient(dialect, server.url);
    await waitFor('the wait', async () => (await statusOf(server)).queue_size === 1);
    server.signal('SIGTERM');
    expect(await client.until('queue_status', because('draining'))).toMatchObject({ position: 1 });
    expect(await client.until('error')).toMatchObject({ code: 'session_rejected', retryable: true });
  });
});

describe('fastvideo stream', () => {
  it('says why it waits', async () => {
    const server = await shared('serve', quick);
    await using bound = await ContractClient.open(server.url);
    const { child, ended } = startStream(['--url', server.url, 'a fox'], '');
    let stderr = '';
    child.stderr.on('data', (text: string) => {
      stderr += text;
    });
    await waitFor('the reason', () => stderr.includes('A worker is held by an idle session'));
    bound.send({ type: 'leave' });
    expect(await ended).toMatchObject({ code: 0 });
    expect(stderr).toContain('All workers are busy; waiting for a worker.\n');
  });
});
