import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { failedStart, runs } from './exec-programs.ts';
import { failedStarts } from './failed-starts.ts';
import { makeSegment } from './segment.ts';
import { idle, quick, readyServer, statusOf } from './servers.ts';

it.each(failedStarts)(
  '`fastvideo serve` ends with exit code 1 and one line when its program %s',
  async (_, args, message) => {
    const { code, lastLine } = await failedStart([...quick, ...args]);
    expect(lastLine).toMatch(message);
    expect(code).toBe(1);
  },
);

describe('a program that does not hear', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    const grace = ['--streaming.pool.cancel_grace_seconds', '0.5'];
    server = await readyServer('serve', [...quick, ...runs('frames-worker', 'stays'), ...grace]);
  });
  afterEach(async () => idle(server));
  afterAll(async () => server.stop());

  async function restarts(): Promise<number> {
    return Number((await statusOf(server)).gpu_status['0']?.['restarts']);
  }

  it('is killed when it goes on with a cancelled segment, and the session makes its next one', async () => {
    const before = await restarts();
    await using client = await ContractClient.open(server.url);
    client.prompt('stubborn');
    await client.until('ltx2_segment_start');
    client.send({ type: 'cancel_segment' });
    await client.until('segment_cancelled');
    await makeSegment(client, 'bars');
    expect(await restarts()).toBe(before + 1);
  });

  it('is killed when its client has gone, and the next session is served', async () => {
    const before = await restarts();
    {
      await using client = await ContractClient.open(server.url);
      client.prompt('stubborn');
      await client.until('ltx2_segment_start');
    }
    await waitFor('new program', async () => (await restarts()) === before + 1);
    await idle(server);
    await using client = await ContractClient.open(server.url);
    await makeSegment(client, 'bars');
  });
});
