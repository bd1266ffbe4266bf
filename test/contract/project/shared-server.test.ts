import { describe, expect, it } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { ContractClient } from '../client.ts';
import { endless, idle, quick, readyServer, sharedServers, statusOf } from '../servers.ts';
import { describeBothDialects } from './both-dialects.ts';
import { ProjectClient } from './project-client.ts';

const endlessOnOne = [...endless, '--streaming.pool.num_workers', '1'];
const shared = sharedServers();

describeBothDialects('mock');

describe('a session of /ws that waits for a worker', () => {
  it('is told its place, and gets the worker that one of the other dialect leaves', async () => {
    const server = await shared('serve', endlessOnOne);
    await using native = await ContractClient.open(server.url);
    await using project = await ProjectClient.open(server.url, { curated_prompts: ['one'] });
    const queue = {
      type: 'queue_status',
      position: 1,
      total_gpus: 1,
      available_gpus: 0,
      reason: 'workers_busy',
    };
    expect(await project.take(2)).toEqual([queue, queue]);
    await waitFor('queue', async () => (await statusOf(server)).queue_size === 1);
    native.send({ type: 'leave' });
    await project.until('gpu_assigned');
    expect(await project.until('ltx2_segment_start')).toMatchObject({ prompt: 'one' });
    await project.until('media_init');
    project.send({ type: 'leave' });
    await project.close();
  });

  it('may leave', async () => {
    const server = await shared('serve', endlessOnOne);
    await using bound = await ProjectClient.open(server.url);
    await bound.until('gpu_assigned');
    await using leaving = await ProjectClient.open(server.url);
    await leaving.take(2);
    leaving.send({ type: 'leave' });
    expect(await leaving.close()).toMatchObject({ code: 1000, reason: 'leave' });
  });
});

describe('a worker that dies under a session of /ws', () => {
  it('costs one segment; the next prompt is made by another worker', async () => {
    const server = await shared('serve', endlessOnOne);
    await using client = await ProjectClient.open(server.url, { curated_prompts: ['one', 'two'] });
    await client.until('media_init');
    const [worker] = Object.values((await statusOf(server)).gpu_status);
    process.kill(Number(worker?.['pid']), 'SIGKILL');
    await client.until('error').catch(() => undefined);
    expect(client.frames('error')).toMatchObject([{ code: 'worker_failed', retryable: true }]);
    expect(await client.until('ltx2_segment_start')).toMatchObject({ prompt: 'two', segment_idx: 2 });
    await client.until('media_init');
    client.send({ type: 'leave' });
    expect(await client.close()).toMatchObject({ code: 1000 });
    await idle(server);
  });
});

describe('a server that stops under a session of /ws', () => {
  it('lets the segment end, begins no other, tells the client and closes with 1001', async () => {
    const args = [...quick, '--mock.sleep_ms', '500', '--server.drain_seconds', '600'];
    await using server = await readyServer('mock', args);
    await using client = await ProjectClient.open(server.url, {
      curated_prompts: ['one', 'two'],
      loop_generation_enabled: true,
    });
    await client.until('ltx2_segment_start');
    server.signal('SIGTERM');
    expect(await client.until('error')).toMatchObject({ code: 'session_rejected', retryable: true });
    expect(await client.frame()).toEqual({ type: 'ltx2_stream_complete' });
    expect(await client.close()).toEqual({ kind: 'close', code: 1001, reason: 'server_draining' });
    expect(client.frames('segment_cancelled')).toEqual([]);
    const starts = client.frames('ltx2_segment_start');
    expect(client.frames('ltx2_segment_complete')).toHaveLength(starts.length);
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });
});
