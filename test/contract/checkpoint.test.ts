import { beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { args, ask, drainAtSegmentEnd, moveTests, scenarios } from './checkpoint-moves.ts';
import { ContractClient } from './client.ts';
import { MovingClient } from './moving-client.ts';
import { idle, sharedServers } from './servers.ts';

const shared = sharedServers();

describe('a session that is moved between two `fastvideo mock`', () => {
  const names = ['requests that wait, one after the other', 'a loop until the cap', 'JPEG frames'];
  moveTests(
    shared,
    'mock',
    scenarios.filter(({ name }) => names.includes(name)),
    1,
  );
});

describe('session_checkpoint', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await shared('mock', args);
  });

  it('is never sent unasked', async () => {
    await using client = await ContractClient.open(server.url);
    client.prompt('a red fox');
    await client.until('ltx2_segment_complete');
    client.send({ type: 'leave' });
    await client.close();
    expect(client.frames('session_checkpoint')).toEqual([]);
  });

  it('tells everything first, and then only what has changed', async () => {
    await using client = await MovingClient.open({ path: '/v1/stream', next: () => server.url });
    await client.until('ltx2_stream_start');
    const [first] = client.checkpoints;
    expect(first).toMatchObject({ seen: 0, frames: 1, set: { begun: false, current: null, waiting: [] } });
    ask(client, 'a red fox');
    await client.until('ltx2_segment_complete');
    client.send({ type: 'generation_paused_updated', paused: true });
    ask(client, 'a blue fox');
    client.send({ type: 'snapshot_state' });
    await client.until('continuation_state_snapshot');
    const names = client.checkpoints.map(({ set }) => Object.keys(set));
    expect(names.filter((set) => set.includes('continuation'))).toHaveLength(2);
    // Messages that come together may be told together.
    const last = names.slice(names.findLastIndex((set) => set.includes('continuation')) + 1).flat();
    expect(last.sort()).toEqual(['paused', 'waiting', ...last.filter((name) => name === 'waiting').slice(1)]);
    expect(client.members).toMatchObject({
      paused: true,
      current: null,
      waiting: [{ prompt: 'a blue fox', ready: true }],
      continuation: { kind: 'fastvideo.mock.v1' },
      video_frames: 12,
      completed_segments: 1,
    });
    expect(client.checkpoints.at(-1)).toMatchObject({ seen: 4, frames: 1 });
  });

  it('says in /status how many sessions may be there at once', async () => {
    const status: unknown = await (await fetch(`${server.url}/status`)).json();
    expect(status).toMatchObject({ max_sessions: 64 });
  });

  it.each([
    ['members are missing', { waiting: [] }],
    ['a member is wrong', { video_frames: -1 }],
    ['it is no object', 7],
  ])('is refused when %s', async (_, change) => {
    const checkpoint =
      typeof change !== 'object'
        ? change
        : 'waiting' in change
          ? change
          : { ...(await membersOf(server)), ...change };
    await using client = await ContractClient.connect(server.url);
    client.send({ type: 'session_init_v2', checkpoint });
    expect(await client.frame()).toMatchObject({ type: 'error', code: 'invalid_message', retryable: false });
    expect(await client.next()).toEqual({ kind: 'close', code: 1003, reason: 'invalid_init' });
    await idle(server);
  });

  const prompt = { prompt: 'a fox', source: 'user', ready: true };
  const tooLong = 'x'.repeat(8193);
  it.each([
    ['a prompt that waits', { waiting: [{ ...prompt, prompt: tooLong }] }],
    ['a negative prompt', { waiting: [{ ...prompt, negative_prompt: tooLong }] }],
    [
      'the prompt of the segment that was being made',
      {
        current: { segment_idx: 0, stream_id: 's', cancelled: false, prompt: { ...prompt, prompt: tooLong } },
      },
    ],
    ['a prompt of a model', { waiting: [{ ...prompt, source: 'enhanced', prompt: 'x'.repeat(65_537) }] }],
  ])('is refused when %s is too long', async (_, change) => {
    await using client = await ContractClient.connect(server.url);
    client.send({ type: 'session_init_v2', checkpoint: { ...(await membersOf(server)), ...change } });
    expect(await client.frame()).toMatchObject({
      type: 'error',
      code: 'invalid_message',
      message: expect.stringMatching(/^session_init_v2: checkpoint: a prompt of \d+ characters is over/),
    });
    expect(await client.next()).toEqual({ kind: 'close', code: 1003, reason: 'invalid_init' });
  });

  it('may hold a prompt of a model that is longer than those of people may be', async () => {
    const waiting = [{ ...prompt, source: 'enhanced', prompt: tooLong }];
    await using client = await ContractClient.connect(server.url);
    client.send({ type: 'session_init_v2', checkpoint: { ...(await membersOf(server)), waiting } });
    expect(await client.until('ltx2_segment_start')).toMatchObject({ prompt: tooLong });
    await client.until('ltx2_segment_complete');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'is refused when a sample of its sound is %d',
    async (sample) => {
      const samples = Buffer.from(Float32Array.of(0, sample).buffer);
      const audio = { next_sample: 1024, tail_start: 1023, tail: { $base64: samples.toString('base64') } };
      await using client = await ContractClient.connect(server.url);
      client.send({ type: 'session_init_v2', checkpoint: { ...(await membersOf(server)), audio } });
      expect(await client.frame()).toMatchObject({
        type: 'error',
        code: 'invalid_message',
        message: expect.stringMatching(/^session_init_v2: checkpoint: audio: /),
      });
      expect(await client.next()).toEqual({ kind: 'close', code: 1003, reason: 'invalid_init' });
    },
  );

  it('is refused when its sound lies far from its video', async () => {
    const audio = { next_sample: 1024 * 1_000_000, tail_start: 0, tail: { $base64: '' } };
    await using client = await ContractClient.connect(server.url);
    client.send({ type: 'session_init_v2', checkpoint: { ...(await membersOf(server)), audio } });
    await client.until('queue_status');
    expect(await client.frame()).toMatchObject({ type: 'error', code: 'invalid_message' });
    expect(await client.next()).toEqual({ kind: 'close', code: 1003, reason: 'invalid_init' });
  });
});

describe('a drain of a session with checkpoints', () => {
  it('lets the segment end, says no error, and the session goes on elsewhere', () =>
    drainAtSegmentEnd(shared, 'mock'));
});

/** A checkpoint of a session that has just begun. */
async function membersOf({ url }: ServerProcess): Promise<object> {
  await using client = await MovingClient.open({ path: '/v1/stream', next: () => url });
  await client.until('ltx2_stream_start');
  client.send({ type: 'snapshot_state' });
  await client.until('error');
  return client.members;
}
