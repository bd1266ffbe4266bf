import { describe, expect, it } from 'vitest';
import { descendantPids } from '../support/child-pids.ts';
import { ContractClient } from './client.ts';
import { clinging, gone, killWorker, workerPid } from './exec-programs.ts';
import { endless, readyServer } from './servers.ts';

describe('a program that ignores that it is told to end', () => {
  it('is gone after its worker was killed, with all that it started, and another one serves', async () => {
    await using server = await readyServer('serve', [...endless, ...clinging]);
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

  it.each(['SIGKILL'] as const)('is gone after the server got %s', async (signal) => {
    await using server = await readyServer('serve', [
      ...endless,
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
});
