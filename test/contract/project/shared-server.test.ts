import { describe, expect, it } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { ContractClient } from '../client.ts';
import { makeSegment } from '../segment.ts';
import { commands, endless, idle, quick, readyServer, statusOf } from '../servers.ts';
import { ProjectClient } from './project-client.ts';

describe.each(commands)('both dialects at once on `fastvideo %s`', (command) => {
  it('share its workers, its sessions and its metrics', async () => {
    await using server = await readyServer(command, [...quick, '--streaming.pool.num_workers', '2']);
    await using project = await ProjectClient.open(server.url, { curated_prompts: ['one', 'two', 'three'] });
    await using native = await ContractClient.open(server.url);
    const [mine, theirs] = await Promise.all([
      (async () => [await project.segment(), await project.segment(), await project.segment()])(),
      (async () => [await makeSegment(native, 'a'), await makeSegment(native, 'b')])(),
    ]);
    expect(mine.map(({ segment_idx }) => segment_idx)).toEqual([1, 2, 3]);
    expect(theirs.map(({ start }) => start['segment_idx'])).toEqual([0, 1]);
    const status = (await (await fetch(`${server.url}/status`)).json()) as {
      readonly sessions: readonly Readonly<Record<string, unknown>>[];
    };
    expect(status.sessions).toMatchObject([
      { state: 'ACTIVE', completed_segments: 3, waiting_requests: 0 },
      { state: 'ACTIVE', completed_segments: 2 },
    ]);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('fastvideo_segments_total{outcome="completed"} 5');
    expect(metrics).toContain('fastvideo_sessions{state="ACTIVE"} 2');
  });
});

describe('a session of /ws that waits for a worker', () => {
  it('is told its place, and gets the worker that one of the other dialect leaves', async () => {
    await using server = await readyServer('serve', [...quick, '--streaming.pool.num_workers', '1']);
    await using native = await ContractClient.open(server.url);
    await using project = await ProjectClient.open(server.url, { curated_prompts: ['one'] });
    const queue = { type: 'queue_status', position: 1, total_gpus: 1, available_gpus: 0 };
    expect(await project.take(2)).toEqual([queue, queue]);
    await waitFor('queue', async () => (await statusOf(server)).queue_size === 1);
    native.send({ type: 'leave' });
    await project.until('gpu_assigned');
    expect((await project.segment())['prompt']).toBe('one');
  });

  it('may leave, and is told when it waited too long', async () => {
    const args = [...quick, '--streaming.pool.num_workers', '1', '--streaming.acquire_timeout_seconds', '1'];
    await using server = await readyServer('serve', args);
    await using bound = await ProjectClient.open(server.url);
    await bound.until('gpu_assigned');
    await using leaving = await ProjectClient.open(server.url);
    await leaving.take(2);
    leaving.send({ type: 'leave' });
    expect(await leaving.close()).toMatchObject({ code: 1000, reason: 'leave' });
    await using late = await ProjectClient.open(server.url);
    await late.take(2);
    expect(await late.frame()).toMatchObject({ type: 'error', code: 'gpu_unavailable', retryable: true });
    expect(await late.close()).toMatchObject({ code: 1013 });
  });
});

describe('a worker that dies under a session of /ws', () => {
  it('costs one segment; the next prompt is made by another worker', async () => {
    await using server = await readyServer('serve', [...endless, '--streaming.pool.num_workers', '1']);
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
  it('lets the segment end, tells the client and closes with 1001', async () => {
    await using server = await readyServer('mock', [...quick, '--mock.sleep_ms', '1500']);
    await using client = await ProjectClient.open(server.url, { curated_prompts: ['one', 'two'] });
    await client.until('ltx2_segment_start');
    server.signal('SIGTERM');
    await client.until('ltx2_segment_complete');
    expect(await client.frame()).toMatchObject({ type: 'error', code: 'session_rejected', retryable: true });
    expect(await client.frame()).toEqual({ type: 'ltx2_stream_complete' });
    expect(await client.close()).toEqual({ kind: 'close', code: 1001, reason: 'server_draining' });
    expect(client.frames('ltx2_segment_start')).toHaveLength(1);
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });
});
