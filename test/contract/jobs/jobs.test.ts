import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { needs } from '../../support/needs.ts';
import { python } from '../../support/python.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { eventually, waitFor } from '../../support/wait-for.ts';
import { ContractClient } from '../client.ts';
import { decodedFrames } from '../decoded.ts';
import { standIn } from '../python-servers.ts';
import { filtered, unsafe } from '../safety-tests.ts';
import { endless, quick, readyServer } from '../servers.ts';
import { begin, openAiFor, videoEnded } from './videos.ts';

/** The server does not wait for them when it stops. */
const leftAtTheEnd = ['--server.drain_seconds', '0'];
/** Jobs that never come to their first frame: they are being made whatever a test does meanwhile. */
const stuck = [...quick, ...leftAtTheEnd, '--mock.sleep_ms', '3600000'];
/** So many frames that what a test does to the job comes in the middle of it. */
const veryLong = { num_frames: 100_000 };
const long = [...endless, ...leftAtTheEnd, '--jobs.max_frames', '100000'];

function folderOf(server: ServerProcess): string {
  return join(server.directory, 'outputs/mock-jobs');
}

async function running(client: OpenAI, id: string): Promise<void> {
  await waitFor('running job', async () => (await client.videos.retrieve(id)).status === 'in_progress');
}

/** The events of a video, by name. */
async function* eventsOf(
  url: string,
): AsyncGenerator<{ readonly name: string; readonly data: Record<string, unknown> }> {
  const response = await fetch(url);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  let rest = '';
  for await (const piece of (response.body ?? expect.fail('no body')).pipeThrough(new TextDecoderStream())) {
    const events = `${rest}${piece}`.split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events.filter((text) => !text.startsWith(':'))) {
      const [, name = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? expect.fail(event);
      yield { name, data: JSON.parse(data) };
    }
  }
}

/** As the peer's docs have it. */
function fastVideoConfig(directory: string): string {
  return `
generator:
  model_path: FastVideo/LTX2-Distilled-Diffusers
  engine:
    num_gpus: 1
server:
  host: 127.0.0.1
  port: 8000
  output_dir: ${join(directory, 'outputs')}
default_request:
  sampling:
    seed: 10
    num_frames: 25
    width: 96
    height: 64
    fps: 24
    num_inference_steps: 8
`;
}

describe('jobs', () => {
  it('are gone from nobody by a restart: what has ended is there, what waited is made', async () => {
    const first = await readyServer('mock', long);
    const args = [...quick, '--server.output_dir', join(first.directory, 'outputs')];
    const client = openAiFor(first);
    const ids: string[] = [];
    try {
      ids.push((await videoEnded(client, await begin(client, { prompt: 'short', num_frames: 4 }))).id);
      ids.push((await begin(client, { prompt: 'runs', ...veryLong })).id);
      ids.push((await begin(client, { prompt: 'waits', num_frames: 4 })).id);
      await running(client, ids[1] ?? '');
      await waitFor('saved state', async () =>
        (await readFile(join(folderOf(first), ids[1] ?? '', 'job.json'), 'utf8')).includes('in_progress'),
      );
      first.signal('SIGKILL');
      await first.exited;
      // So that the second run of it ends.
      const record = join(folderOf(first), ids[1] ?? '', 'job.json');
      await writeFile(
        record,
        (await readFile(record, 'utf8')).replace('"num_frames":100000', '"num_frames":6'),
      );
      await using second = await readyServer('mock', args);
      const again = openAiFor(second);
      for (const id of ids) {
        expect(await videoEnded(again, await again.videos.retrieve(id))).toMatchObject({
          status: 'completed',
        });
      }
      const film = Buffer.from(await (await again.videos.downloadContent(ids[1] ?? '')).arrayBuffer());
      expect((await decodedFrames(film)).filter(({ track }) => track === 0)).toHaveLength(6);
    } finally {
      await first.stop();
    }
  });

  it('stream their fragments out while they are made, as slowly as they are taken', async () => {
    await using server = await readyServer('mock', long);
    const client = openAiFor(server);
    const { id } = await begin(client, { prompt: 'a long one', ...veryLong });
    await running(client, id);
    const response = await fetch(`${server.url}/v1/videos/${id}/content`);
    expect(response.status, response.ok ? '' : await response.text()).toBe(200);
    const reader = (response.body ?? expect.fail('no body')).getReader();
    let bytes = 0;
    while (bytes < 200_000) bytes += (await reader.read()).value?.length ?? expect.fail('it has ended');
    expect((await client.videos.retrieve(id)).status).toBe('in_progress');
    await reader.cancel();
    expect(await client.videos.delete(id)).toMatchObject({ deleted: true });
    expect(
      await eventually(async () => {
        const left = await readdir(folderOf(server));
        expect(left).not.toContain(id);
        return left;
      }),
    ).toEqual(['server.json']);
  });

  it('break a stream that cannot be finished', async () => {
    await using server = await readyServer('mock', long);
    const client = openAiFor(server);
    const { id } = await begin(client, { prompt: 'a long one', ...veryLong });
    await running(client, id);
    const response = await fetch(`${server.url}/v1/videos/${id}/content`);
    const whole = response.arrayBuffer().then(
      () => 'whole',
      () => 'broken',
    );
    const cancelled = await (await fetch(`${server.url}/v1/videos/${id}/cancel`, { method: 'POST' })).json();
    expect(cancelled).toMatchObject({ id, status: 'cancelled' });
    expect(await whole).toBe('broken');
    await expect(client.videos.downloadContent(id)).rejects.toBeInstanceOf(OpenAI.ConflictError);
  });

  it('tell their course as events', async () => {
    await using server = await readyServer('mock', long);
    const client = openAiFor(server);
    const before = await begin(client, { prompt: 'before', ...veryLong });
    await running(client, before.id);
    const { id } = await begin(client, {
      prompt: 'a kite',
      num_frames: 48,
    });
    const names: string[] = [];
    let last: Record<string, unknown> = {};
    for await (const { name, data } of eventsOf(`${server.url}/v1/videos/${id}/events`)) {
      if (names.length === 0) await client.videos.delete(before.id);
      names.push(name);
      last = data;
    }
    expect(names[0]).toBe('queued');
    expect(names).toContain('step');
    expect(names.at(-1)).toBe('done');
    expect(names.filter((name) => name === 'done')).toHaveLength(1);
    expect(last).toMatchObject({ id, status: 'completed', progress: 100 });
  });

  it('wait for a worker behind a session, and a session behind a job', async () => {
    await using server = await readyServer('serve', [
      ...stuck,
      ...['--generator.model_path', 'mock:gradient', '--streaming.pool.num_workers', '1'],
    ]);
    const client = openAiFor(server);
    const { id } = await client.videos.create({ prompt: 'first' });
    await running(client, id);
    await using session = await ContractClient.connect(server.url);
    session.send({ type: 'session_init_v2' });
    expect(await session.until('queue_status')).toMatchObject({ position: 1 });
    const { id: next } = await client.videos.create({ prompt: 'second' });
    await client.videos.delete(id);
    await session.until('gpu_assigned');
    expect(await client.videos.retrieve(next)).toMatchObject({ status: 'queued' });
  });

  it('let a session in behind the job that runs, and a job between two sessions, however many jobs wait', async () => {
    await using server = await readyServer('serve', [
      ...quick,
      ...['--generator.model_path', 'mock:gradient', '--streaming.pool.num_workers', '1'],
      ...['--jobs.max_queued', '60', ...leftAtTheEnd],
    ]);
    const client = openAiFor(server);
    const ended = async () => {
      const { data } = await client.videos.list({ limit: 100 });
      return data.filter(({ status }) => status === 'completed').length;
    };
    for (let made = 0; made < 50; made += 1) await client.videos.create({ prompt: `job ${made}` });
    const before = await ended();
    await using first = await ContractClient.open(server.url);
    // The one that ran when the session came, and one that ended while it was asked.
    expect((await ended()) - before).toBeLessThanOrEqual(2);
    await using second = await ContractClient.connect(server.url);
    second.send({ type: 'session_init_v2' });
    await second.until('queue_status');
    const whileHeld = await ended();
    first.prompt('the worker is held');
    await first.until('ltx2_segment_complete');
    expect(await ended()).toBe(whileHeld);
    first.send({ type: 'leave' });
    await second.until('gpu_assigned');
    expect((await ended()) - whileHeld).toBe(1);
  });

  it('are refused with 429 where too many wait', async () => {
    await using server = await readyServer('mock', [...stuck, '--jobs.max_queued', '1']);
    const client = openAiFor(server);
    await running(client, (await client.videos.create({ prompt: 'runs' })).id);
    await client.videos.create({ prompt: 'waits' });
    const refused = await client.videos.create({ prompt: 'too many' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OpenAI.RateLimitError);
    expect(refused).toMatchObject({
      code: 'queue_full',
      message: expect.stringContaining('jobs.max_queued'),
    });
  });

  it('need a key where the server has one, and a prompt that the safety filter lets through', async () => {
    await using server = await readyServer('mock', [
      ...quick,
      ...filtered,
      '--server.api_keys',
      '[secret-key]',
    ]);
    await expect(openAiFor(server, 'wrong').videos.list()).rejects.toMatchObject({
      status: 401,
      message: expect.stringContaining('The API key is wrong.'),
    });
    await expect(openAiFor(server, 'wrong').models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    const client = openAiFor(server, 'secret-key');
    const blocked = await client.videos.create({ prompt: unsafe }).catch((error: unknown) => error);
    expect(blocked).toBeInstanceOf(OpenAI.UnprocessableEntityError);
    expect(blocked).toMatchObject({ code: 'prompt_blocked' });
    await expect(client.images.generate({ prompt: unsafe })).rejects.toMatchObject({
      code: 'prompt_blocked',
    });
    expect((await client.videos.list()).data).toEqual([]);
  });

  it('of two servers in one folder are made by the first, and the other says so', async () => {
    await using first = await readyServer('mock', quick);
    const client = openAiFor(first);
    await videoEnded(client, await client.videos.create({ prompt: 'mine' }));
    await using second = await readyServer('mock', [
      ...quick,
      '--server.output_dir',
      join(first.directory, 'outputs'),
    ]);
    await expect(openAiFor(second).videos.list()).rejects.toMatchObject({
      status: 503,
      code: 'store_failed',
    });
    await expect(openAiFor(second).videos.create({ prompt: 'not yours' })).rejects.toMatchObject({
      status: 503,
      code: 'store_failed',
      message: expect.stringContaining(`process ${first.pid}`),
    });
    first.signal('SIGTERM');
    await first.exited;
    const again = openAiFor(second);
    const { data } = await eventually(async () => {
      await again.videos.create({ prompt: 'now mine' });
      return await again.videos.list();
    });
    expect(data.map(({ prompt }) => prompt)).toEqual(['now mine', 'mine']);
  });

  it('leave nothing where they are kept in memory', async () => {
    const server = await readyServer('mock', [...quick, '--jobs.queue', 'memory:']);
    const client = openAiFor(server);
    await videoEnded(client, await client.videos.create({ prompt: 'a kite' }));
    expect(await readdir(server.directory)).toEqual([]);
    await server.stop();
  });

  it("are made with FastVideo's own config file, which has no streaming block", needs(python), async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fastvideo-jobs-'));
    const path = join(directory, 'serve.yaml');
    await writeFile(path, fastVideoConfig(directory));
    await using server = await readyServer('serve', ['--config', path], standIn);
    const client = openAiFor(server);
    const video = await videoEnded(client, await client.videos.create({ prompt: 'a kite' }));
    expect(video).toMatchObject({
      status: 'completed',
      size: '96x64',
      fps: 24,
      num_frames: 25,
      seed: 10,
      model: 'FastVideo/LTX2-Distilled-Diffusers',
    });
    const film = Buffer.from(await (await client.videos.downloadContent(video.id)).arrayBuffer());
    expect((await decodedFrames(film)).filter(({ track }) => track === 0)).toHaveLength(25);
    expect(await readdir(join(directory, 'outputs/jobs'))).toContain(video.id);
    expect(server.stderr()).toContain('live at /v1/stream');
    await rm(directory, { recursive: true });
  });
});

describe('a config of jobs that cannot work', () => {
  it.each([
    ['--jobs.queue', 'redis://127.0.0.1/0', 'memory: or file:DIR'],
    ['--jobs.share', '2', 'jobs.share'],
    ['--jobs.reference_hosts', '[https://a.example]', 'host name'],
  ])('%s %s', async (key, value, told) => {
    const failed = startServer({ command: 'mock', args: [key, value] });
    await expect(failed).rejects.toThrow(told);
  });
});
