import { describe, expect, it } from 'vitest';
import { commandLine, descendantPids } from '../support/child-pids.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient, type Frame } from './client.ts';
import { makeSegment } from './segment.ts';
import { type Command, encoderProcesses, endless, idle, quick, type Shared, statusOf } from './servers.ts';

export async function untilError(client: ContractClient): Promise<Frame> {
  for (;;) {
    const received = await client.next();
    if (received.kind === 'close') throw new Error(`The connection closed with ${received.code}.`);
    if (received.kind === 'frame' && received.frame.type === 'error') return received.frame;
  }
}

/** Children of the server by what their command line holds. */
export async function pidsOf(server: ServerProcess, part: RegExp): Promise<number[]> {
  const pids = await descendantPids(server.pid);
  const lines = await Promise.all(pids.map(commandLine));
  return pids.filter((_, index) => part.test(lines[index] ?? ''));
}

export function failureTests(shared: Shared, command: Command): void {
  const workers = command === 'serve' ? ['--streaming.pool.num_workers', '2'] : [];
  const many = [...endless, ...workers, '--streaming.client_buffer_bytes', '65536'];

  describe(`\`fastvideo ${command}\` when an encoder that is a process is killed`, () => {
    it('tells worker_failed, retryable, keeps the session, and serves its next request', async () => {
      const server = await shared(command, [...many, ...encoderProcesses]);
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

  describe(`\`fastvideo ${command}\` and a client that stops reading`, () => {
    it('goes on serving another session', async () => {
      const server = await shared(command, many);
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
}

export function manySessionsTest(shared: Shared, command: Command): void {
  describe(`\`fastvideo ${command}\` after many sessions`, () => {
    it('has no process more than before', async () => {
      const server = await shared(command, quick);
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
}
