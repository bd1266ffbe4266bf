import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient, type Frame } from './client.ts';
import { expectShown, picturesOf, seeded, told } from './moved-session.ts';
import { MovingClient } from './moving-client.ts';
import { commands, endless, idle, quick, readyServer } from './servers.ts';
import { StreamRules } from './stream-rules.ts';

const echo = ['--streaming.prompt.enabled', 'true', '--streaming.prompt.provider', 'echo'];
/** Lossless, so that a picture is the same whatever was encoded before it. */
const exact = ['--streaming.encoder.extra_args', '["-qp", "0"]'];
const args = [...quick, ...echo, ...exact, '--streaming.generation_segment_cap', '5'];

interface Scenario {
  readonly name: string;
  readonly init: object;
  readonly play: (client: MovingClient) => Promise<void>;
}

const ended = (idx: number) => (frame: Frame) => frame.segment_idx === idx;

const scenarios: readonly Scenario[] = [
  {
    name: 'requests that wait, one after the other',
    init: {},
    play: async (client) => {
      for (const prompt of ['a red fox', 'a blue fox', 'a fox at rest']) ask(client, prompt);
      await client.until('ltx2_segment_complete', ended(2));
      ask(client, 'the end', { seed: 7 });
      await client.until('ltx2_segment_complete', ended(3));
    },
  },
  {
    name: 'enhanced prompts',
    init: { enhancement_enabled: true },
    play: async (client) => {
      for (const prompt of ['a red fox', 'a blue fox']) ask(client, prompt);
      await client.until('ltx2_segment_complete', ended(1));
    },
  },
  {
    name: 'a pause with a request that waits',
    init: {},
    play: async (client) => {
      ask(client, 'a red fox');
      await client.until('ltx2_segment_complete', ended(0));
      client.send({ type: 'generation_paused_updated', paused: true });
      ask(client, 'a blue fox');
      client.send({ type: 'snapshot_state' });
      await client.until('continuation_state_snapshot');
      client.send({ type: 'generation_paused_updated', paused: false });
      await client.until('ltx2_segment_complete', ended(1));
    },
  },
  {
    name: 'a wrong message and a rewrite in between',
    init: { curated_prompts: ['one', 'two'] },
    play: async (client) => {
      ask(client, 'a red fox');
      client.send({ type: 'nonsense' });
      client.send({ type: 'rewrite_seed_prompts', rewrite_instruction: 'at night' });
      await client.until('rewrite_seed_prompts_complete');
      if (client.frames.every(({ type }) => type !== 'ltx2_segment_complete')) {
        await client.until('ltx2_segment_complete');
      }
    },
  },
  {
    name: 'a loop until the cap',
    init: { curated_prompts: ['one', 'two'], loop_generation_enabled: true, enhancement_enabled: true },
    play: async (client) => {
      expect(await client.untilClosed()).toEqual({ code: 1000, reason: 'segment_cap' });
    },
  },
  {
    name: 'JPEG frames',
    init: { stream_mode: 'legacy_jpeg' },
    play: async (client) => {
      for (const prompt of ['a red fox', 'a blue fox']) ask(client, prompt);
      await client.until('ltx2_segment_complete', ended(1));
    },
  },
];

describe.each(commands)('a session that is moved between two `fastvideo %s`', (command) => {
  const servers: ServerProcess[] = [];
  beforeAll(async () => {
    servers.push(await readyServer(command, args), await readyServer(command, args));
  });
  afterAll(async () => {
    for (const server of servers) await server.stop();
  });

  async function play(scenario: Scenario, cuts: readonly number[]): Promise<MovingClient> {
    let leg = 0;
    const next = async () => {
      const server = servers[leg++ % servers.length] as ServerProcess;
      await idle(server);
      return server.url;
    };
    const client = await MovingClient.open({ path: '/v1/stream', init: scenario.init, cuts, next });
    try {
      await scenario.play(client);
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }
    return client;
  }

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    'tells its client the same, and shows the same: %s',
    async (_, scenario) => {
      await using whole = await play(scenario, []);
      const expected = told(whole);
      const shown = await picturesOf(whole);
      await whole[Symbol.asyncDispose]();
      const random = seeded(scenario.name.length * 7919);
      // Checkpoints that come close together are told as one: the last messages are not always there.
      const messages = Math.floor((whole.counts[0] ?? 0) * 0.8);
      for (let round = 0; round < 5; round += 1) {
        const first = round === 0 ? 1 : 1 + Math.floor(random() * messages);
        const cuts = [first, 1 + Math.floor(random() * messages)];
        await using moved = await play(scenario, cuts);
        expect(moved.moved, `cuts ${cuts}`).toBeGreaterThan(0);
        expect({ cuts, ...told(moved) }).toEqual({ cuts, ...expected });
        expectShown(await picturesOf(moved), shown, `cuts ${cuts}`);
      }
    },
    120_000,
  );
});

describe('a session whose replica is killed', () => {
  it.each([3, 9, 17, 26])('behind %i messages goes on with another one', async (cut) => {
    await using spare = await readyServer('serve', args);
    await using server = await readyServer('serve', args);
    const [scenario] = scenarios as [Scenario];
    await using whole = await MovingClient.open({ path: '/v1/stream', next: () => spare.url });
    await scenario.play(whole);
    await whole[Symbol.asyncDispose]();
    await idle(spare);
    const urls = [server.url];
    const next = async () => {
      const url = urls.pop();
      if (url !== undefined) return url;
      server.signal('SIGKILL');
      await server.exited;
      return spare.url;
    };
    await using moved = await MovingClient.open({ path: '/v1/stream', cuts: [cut], next });
    await scenario.play(moved);
    expect(moved.moved).toBe(1);
    expect(told(moved)).toEqual(told(whole));
    expectShown(await picturesOf(moved), await picturesOf(whole), 'the film');
  });
});

describe('session_checkpoint', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await readyServer('mock', args);
  });
  afterAll(() => server.stop());

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
  it('lets the segment end, says no error, and the session goes on elsewhere', async () => {
    await using one = await readyServer('mock', [...args, '--mock.sleep_ms', '1500']);
    await using other = await readyServer('mock', args);
    await using client = await MovingClient.open({ path: '/v1/stream', next: () => one.url });
    for (const prompt of ['a red fox', 'a blue fox']) ask(client, prompt);
    await client.until('ltx2_segment_start');
    one.signal('SIGTERM');
    expect(await client.untilClosed()).toEqual({ code: 1001, reason: 'server_draining' });
    expect(await one.exited).toEqual({ code: 0, signal: null });
    const types = client.frames.map(({ type }) => type);
    expect(types.at(-1)).toBe('ltx2_segment_complete');
    expect(types).not.toContain('error');
    expect(client.members).toMatchObject({ current: null, waiting: [{ prompt: 'a blue fox' }] });
    await using after = await ContractClient.connect(other.url, {
      rules: new StreamRules({ nextIdx: 1, durationMs: 500 }),
    });
    after.send({ type: 'session_init_v2', checkpoint: client.members });
    expect(await after.until('ltx2_segment_start')).toMatchObject({ segment_idx: 1, prompt: 'a blue fox' });
    await after.until('ltx2_segment_complete');
  });

  it('cuts a segment off that does not end in time, and the next replica makes it', async () => {
    const slow = [...endless, '--server.drain_seconds', '0.3'];
    await using one = await readyServer('serve', slow);
    await using client = await MovingClient.open({ path: '/v1/stream', next: () => one.url });
    ask(client, 'a long one');
    await client.until('media_init');
    one.signal('SIGTERM');
    expect(await client.untilClosed()).toEqual({ code: 1001, reason: 'server_draining' });
    expect(client.frames.map(({ type }) => type)).not.toContain('segment_cancelled');
    expect(client.members).toMatchObject({ current: { segment_idx: 0, cancelled: false } });
    expect(client.alreadySent).toMatchObject({ segment_idx: 0, started: true });
  });
});

function ask(client: MovingClient, prompt: string, fields: object = {}): void {
  client.send({ type: 'segment_prompt_source', prompt, ...fields });
}

/** A checkpoint of a session that has just begun. */
async function membersOf({ url }: ServerProcess): Promise<object> {
  await using client = await MovingClient.open({ path: '/v1/stream', next: () => url });
  await client.until('ltx2_stream_start');
  client.send({ type: 'snapshot_state' });
  await client.until('error');
  return client.members;
}
