import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { failureTests, pidsOf, untilError } from './failures-tests.ts';
import { endless, idle, sharedServers, statusOf } from './servers.ts';

const shared = sharedServers();

failureTests(shared, 'mock');

describe('`fastvideo serve` when its worker is killed', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await shared('serve', endless);
  });
  afterEach(async () => idle(server));

  it('tells worker_failed, retryable, keeps the session, and serves its next request', async () => {
    await using client = await ContractClient.open(server.url);
    client.prompt('a fox');
    await client.untilBinary();
    const [worker] = await pidsOf(server, /worker/);
    expect(worker).toBeDefined();
    process.kill(Number(worker), 'SIGKILL');
    const error = await untilError(client);
    expect(error).toMatchObject({ code: 'worker_failed', retryable: true });
    client.prompt('again');
    expect((await client.until('ltx2_segment_start'))['prompt']).toBe('again');
    await client.untilBinary();
    client.send({ type: 'cancel_segment' });
    await client.until('segment_cancelled');
    expect((await statusOf(server)).gpu_status['0']).toMatchObject({ process_alive: true });
  });

  it('serves a request that waited behind the failed one', async () => {
    await using client = await ContractClient.open(server.url);
    client.prompt('the unlucky one');
    client.prompt('the next');
    await client.untilBinary();
    for (const pid of await pidsOf(server, /worker/)) process.kill(pid, 'SIGKILL');
    expect(await untilError(client)).toMatchObject({ code: 'worker_failed', retryable: true });
    expect((await client.until('ltx2_segment_start'))['prompt']).toBe('the next');
    await client.untilBinary();
  });

  it('brings it back also when nobody is connected', async () => {
    const before = await pidsOf(server, /worker/);
    for (const pid of before) process.kill(pid, 'SIGKILL');
    await waitFor('new worker', async () => {
      const now = await pidsOf(server, /worker/);
      return now.length > 0 && now.every((pid) => !before.includes(pid));
    });
    await idle(server);
    await using client = await ContractClient.open(server.url);
    client.prompt('a fox');
    await client.untilBinary();
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/^fastvideo_worker_restarts_total [1-9]/m);
  });
});
