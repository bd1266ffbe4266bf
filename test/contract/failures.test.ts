import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { commandLine, descendantPids } from '../support/child-pids.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient, type Frame } from './client.ts';
import { makeSegment } from './segment.ts';
import { commands, endless, idle, quick, readyServer, statusOf } from './servers.ts';

async function untilError(client: ContractClient): Promise<Frame> {
  for (;;) {
    const received = await client.next();
    if (received.kind === 'close') throw new Error(`The connection closed with ${received.code}.`);
    if (received.kind === 'frame' && received.frame.type === 'error') return received.frame;
  }
}

/** Children of the server by what their command line holds. */
async function pidsOf(server: ServerProcess, part: RegExp): Promise<number[]> {
  const pids = await descendantPids(server.pid);
  const lines = await Promise.all(pids.map(commandLine));
  return pids.filter((_, index) => part.test(lines[index] ?? ''));
}

describe('`fastvideo serve` when its worker is killed', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await readyServer('serve', endless);
  });
  afterEach(async () => idle(server));
  afterAll(async () => server.stop());

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

describe.each(commands)('`fastvideo %s` when an encoder is killed', (command) => {
  it('tells worker_failed, retryable, keeps the session, and serves its next request', async () => {
    await using server = await readyServer(command, endless);
    await using client = await ContractClient.open(server.url);
    client.prompt('a fox');
    await client.untilBinary();
    for (const pid of await pidsOf(server, /ffmpeg/)) process.kill(pid, 'SIGKILL');
    expect(await untilError(client)).toMatchObject({ code: 'worker_failed', retryable: true });
    client.prompt('again');
    await client.until('ltx2_segment_start');
    await client.untilBinary();
  });
});

describe.each(commands)('`fastvideo %s` and a client that stops reading', (command) => {
  it('goes on serving another session', async () => {
    const workers = command === 'serve' ? ['--streaming.pool.num_workers', '2'] : [];
    const args = [...endless, ...workers, '--streaming.client_buffer_bytes', '65536'];
    await using server = await readyServer(command, args);
    await waitFor('free worker for each', async () => {
      const { available_gpus, total_gpus } = await statusOf(server);
      return available_gpus === total_gpus;
    });
    await using slow = await ContractClient.open(server.url);
    slow.prompt('nobody looks');
    await slow.untilBinary();
    slow.socket.pause();
    await using other = await ContractClient.open(server.url);
    for (let count = 0; count < 3; count += 1) {
      other.prompt('a fox');
      for (let chunk = 0; chunk < 20; chunk += 1) await other.untilBinary();
      other.send({ type: 'cancel_segment' });
      await other.until('segment_cancelled');
    }
    // The slow one has lost nothing: it reads on, and what it gets is whole.
    slow.socket.resume();
    for (let chunk = 0; chunk < 20; chunk += 1) await slow.untilBinary();
    slow.send({ type: 'cancel_segment' });
    await slow.until('segment_cancelled');
  });
});

describe.each(commands)('`fastvideo %s` after many sessions', (command) => {
  it('has no process more than before', async () => {
    await using server = await readyServer(command, quick);
    const round = async () => {
      {
        await using client = await ContractClient.open(server.url);
        client.prompt('cut off');
        await client.untilBinary();
      }
      {
        // A whole segment ends with encoders that are kept ready; one that is cut off may or may not.
        await using client = await ContractClient.open(server.url);
        await makeSegment(client, 'a fox');
      }
      await idle(server);
    };
    await round();
    const before = await descendantPids(server.pid);
    for (let count = 0; count < 5; count += 1) await round();
    await waitFor(`number of ${before.length} child processes`, async () => {
      return (await descendantPids(server.pid)).length <= before.length;
    });
  });
});
