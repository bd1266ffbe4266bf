import { describe, expect, it } from 'vitest';
import { descendantPids } from '../support/child-pids.ts';
import { repositoryRoot, startServer } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { clinging, gone, killWorker, programPid, runs, workerPid } from './exec-programs.ts';
import { makeSegment } from './segment.ts';
import { encoderProcesses, endless, quick, readyServer } from './servers.ts';

describe('a program that ignores that it is told to end', () => {
  it('is gone after its worker was killed, with all that it started, and another one serves', async () => {
    await using server = await readyServer('serve', [...endless, ...encoderProcesses, ...clinging]);
    await using client = await ContractClient.open(server.url);
    client.prompt('bars');
    await client.untilBinary();
    const worker = await workerPid(server);
    const below = await descendantPids(worker);
    // The program, its child, and an encoder.
    expect(below.length).toBeGreaterThanOrEqual(3);
    await killWorker(server);
    await gone([worker, ...below]);
    expect(await client.until('error')).toMatchObject({ code: 'worker_failed', retryable: true });
    client.prompt('bars again');
    await client.until('ltx2_segment_start');
    await client.untilBinary();
    expect(await workerPid(server)).not.toBe(worker);
  });

  it('is gone when it was killed itself: its child and its worker too, and another one serves', async () => {
    await using server = await readyServer('serve', [...quick, ...clinging]);
    await using client = await ContractClient.open(server.url);
    await makeSegment(client, 'bars');
    const all = await descendantPids(server.pid);
    process.kill(await programPid(server), 'SIGKILL');
    await gone(all);
    await makeSegment(client, 'bars again');
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)('is gone after the server got %s', async (signal) => {
    await using server = await readyServer('serve', [
      ...endless,
      ...encoderProcesses,
      ...clinging,
      '--server.drain_seconds',
      '0.5',
    ]);
    await using client = await ContractClient.open(server.url);
    client.prompt('bars');
    await client.untilBinary();
    const all = await descendantPids(server.pid);
    expect(all.length).toBeGreaterThanOrEqual(4);
    server.signal(signal);
    await server.exited;
    await gone(all);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'is gone after %s while it was still being started',
    async (signal) => {
      const never = runs('frames-worker', 'never-ready', 'stays', 'forks');
      await using server = await startServer({ command: 'serve', args: [...quick, ...never] });
      await waitFor('program with its child', async () => (await descendantPids(server.pid)).length >= 3);
      const all = await descendantPids(server.pid);
      server.signal(signal);
      await server.exited;
      await gone(all);
    },
  );
});

describe('a shell that stands before a program', () => {
  const path = `${repositoryRoot}/test/support/workers/frames-worker.mjs`;
  const shell = ['--generator.model_path', `exec:sh -c '"${process.execPath}" "${path}" stays; true'`];

  it('is gone after the server was killed, and the program with it', async () => {
    await using server = await readyServer('serve', [...quick, ...shell]);
    const all = await descendantPids(server.pid);
    expect(all.length).toBeGreaterThanOrEqual(3);
    server.signal('SIGKILL');
    await server.exited;
    await gone(all);
  });

  it('may die alone: the program that holds its pipes is ended, and another one serves', async () => {
    await using server = await readyServer('serve', [...endless, ...shell]);
    await using client = await ContractClient.open(server.url);
    client.prompt('bars');
    await client.untilBinary();
    const all = await descendantPids(server.pid);
    process.kill(await programPid(server), 'SIGKILL');
    await gone(all);
    expect(await client.until('error')).toMatchObject({ code: 'worker_failed', retryable: true });
    client.prompt('bars again');
    await client.until('ltx2_segment_start');
    await client.untilBinary();
  });
});
