import { beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient } from './client.ts';
import { limitTests } from './limits-tests.ts';
import { makeSegment, readSegment } from './segment.ts';
import { quick, sharedServers, statusOf } from './servers.ts';

const shared = sharedServers();

limitTests(shared, 'mock');

describe('the waiting room of `fastvideo serve`', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await shared('serve', quick);
  });

  it('tells each session its place, moves them up in order, and hands the worker on', async () => {
    await using first = await ContractClient.open(server.url);
    await using second = await ContractClient.connect(server.url);
    second.send({ type: 'session_init_v2' });
    const reason = 'workers_busy';
    expect(await second.frame()).toEqual({ type: 'queue_status', position: 1, queue_depth: 1, reason });
    await using third = await ContractClient.connect(server.url);
    third.send({ type: 'session_init_v2' });
    expect(await third.frame()).toEqual({ type: 'queue_status', position: 2, queue_depth: 2, reason });
    expect(await statusOf(server)).toMatchObject({ queue_size: 2, available_gpus: 0 });

    first.send({ type: 'leave' });
    await second.until('ltx2_stream_start');
    await third.until('queue_status', ({ position, queue_depth }) => position === 1 && queue_depth === 1);
    await makeSegment(second, 'the second');

    second.send({ type: 'leave' });
    await third.until('ltx2_stream_start');
    await makeSegment(third, 'the third');
  });

  it('forgets a session that goes away while it waits', async () => {
    await using first = await ContractClient.open(server.url);
    await using last = await ContractClient.connect(server.url);
    {
      await using second = await ContractClient.connect(server.url);
      second.send({ type: 'session_init_v2' });
      await second.until('queue_status');
      last.send({ type: 'session_init_v2' });
      expect(await last.frame()).toMatchObject({ position: 2 });
    }
    await last.until('queue_status', ({ position }) => position === 1);
    first.send({ type: 'leave' });
    await last.until('ltx2_stream_start');
  });

  it('keeps requests that come while the session waits', async () => {
    await using first = await ContractClient.open(server.url);
    await using second = await ContractClient.connect(server.url);
    second.send({ type: 'session_init_v2' });
    second.prompt('asked early');
    await second.until('queue_status');
    first.send({ type: 'leave' });
    await second.until('ltx2_stream_start');
    expect((await readSegment(second)).start['prompt']).toBe('asked early');
  });
});
