import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../../support/server-process.ts';
import type { Frame } from '../frame-documents.ts';
import { expectShown, picturesOf, seeded, told } from '../moved-session.ts';
import { MovingClient } from '../moving-client.ts';
import { idle, quick, readyServer } from '../servers.ts';
import { ProjectClient } from './project-client.ts';

const echo = ['--streaming.prompt.enabled', 'true', '--streaming.prompt.provider', 'echo'];
/** Lossless, so that a picture is the same whatever was encoded before it. */
const exact = ['--streaming.encoder.extra_args', '["-qp", "0"]'];
const args = [...quick, ...echo, ...exact, '--streaming.generation_segment_cap', '5'];

interface Scenario {
  readonly name: string;
  readonly init: object;
  readonly play: (client: MovingClient) => Promise<void>;
}

const before = (idx: number) => (frame: Frame) => frame['segment_idx'] === idx;
const seeds = { curated_prompts: ['a red fox', 'a blue fox'] };

const scenarios: readonly Scenario[] = [
  {
    name: 'seed prompts, then prompts of the user',
    init: seeds,
    play: async (client) => {
      await client.until('prompt_sources_blocked');
      client.send({ type: 'append_prompt', prompt: 'a fox at rest', prompt_id: 'x' });
      await client.until('prompt_sources_blocked', before(4));
      client.send({ type: 'set_generation_paused', paused: true });
      await client.until('generation_paused_updated', ({ paused }) => paused === true);
      client.send({ type: 'append_prompt', prompt: 'the end', prompt_id: 'y' });
      await client.until('prompt_ready', (frame) => frame['prompt_id'] === 'y');
      client.send({ type: 'set_generation_paused', paused: false });
      await client.until('prompt_sources_blocked', before(5));
    },
  },
  {
    name: 'a loop until the cap, and a restart',
    init: { ...seeds, loop_generation_enabled: true },
    play: async (client) => {
      await client.until('ltx2_stream_complete');
      client.send({ type: 'append_prompt', prompt: 'too late', prompt_id: 'x' });
      await client.until('error');
      client.send({ type: 'restart_generation' });
      await client.until('ltx2_stream_complete');
    },
  },
  {
    name: 'a rollout made from one wish',
    init: { initial_rollout_prompt: 'a heist' },
    play: async (client) => {
      await client.until('ltx2_stream_complete');
    },
  },
  {
    name: 'one project after another',
    init: { ...seeds, preset_id: 'p' },
    play: async (client) => {
      await client.until('prompt_sources_blocked');
      client.send({ type: 'end_project_keep_session' });
      await client.until('project_idle');
      client.send({ type: 'project_init_v1', curated_prompts: ['another'] });
      await client.until('prompt_sources_blocked');
    },
  },
];

describe('a session of /ws that is moved between two replicas', () => {
  const servers: ServerProcess[] = [];
  beforeAll(async () => {
    servers.push(await readyServer('mock', args), await readyServer('mock', args));
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
    const client = await MovingClient.open({ path: '/ws', init: scenario.init, cuts, next });
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
      const random = seeded(scenario.name.length * 6151);
      // Checkpoints that come close together are told as one: the last messages are not always there.
      const messages = Math.floor((whole.counts[0] ?? 0) * 0.8);
      for (let round = 0; round < 6; round += 1) {
        const first = round === 0 ? 2 : 2 + Math.floor(random() * (messages - 2));
        const cuts = [first, 2 + Math.floor(random() * messages)];
        await using moved = await play(scenario, cuts);
        expect(moved.moved, `cuts ${cuts}`).toBeGreaterThan(0);
        expect({ cuts, ...told(moved) }).toEqual({ cuts, ...expected });
        expectShown(await picturesOf(moved), shown, `cuts ${cuts}`);
      }
    },
    120_000,
  );
});

describe('session_checkpoint on /ws', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await readyServer('mock', args);
  });
  afterAll(() => server.stop());

  it('is never sent unasked', async () => {
    await using client = await ProjectClient.open(server.url, seeds);
    await client.until('prompt_sources_blocked');
    client.send({ type: 'leave' });
    await client.close();
    expect(client.frames('session_checkpoint')).toEqual([]);
  });

  it('is refused when it is malformed', async () => {
    await using client = await ProjectClient.open(server.url, { checkpoint: { begun: true } });
    expect(await client.until('queue_status')).toBeDefined();
    expect(await client.frame()).toMatchObject({ type: 'error', code: 'invalid_message', retryable: false });
    expect(await client.next()).toEqual({ kind: 'close', code: 1003, reason: 'invalid_init' });
  });

  it.each([
    ['a prompt that waits', { ready: [{ prompt_id: 'x', prompt: 'x'.repeat(8193), source: 'user_raw' }] }],
    [
      'a prompt of a model',
      { ready: [{ prompt_id: 'x', prompt: 'x'.repeat(65_537), source: 'user_enhanced' }] },
    ],
    [
      'the prompt of a clip',
      { pending_start: { reason: 'simple_generate', clip: { prompt_id: 'x', prompt: 'x'.repeat(8193) } } },
    ],
  ])('is refused when %s is too long', async (_, change) => {
    await using earlier = await MovingClient.open({ path: '/ws', next: () => server.url });
    await earlier.until('prompt_sources_blocked');
    await using client = await ProjectClient.open(server.url, {
      checkpoint: { ...earlier.members, ...change },
    });
    await client.until('queue_status');
    expect(await client.frame()).toMatchObject({
      type: 'error',
      code: 'invalid_message',
      message: expect.stringMatching(/^session_init_v2: checkpoint: a prompt of \d+ characters is over/),
    });
    expect(await client.next()).toEqual({ kind: 'close', code: 1003, reason: 'invalid_init' });
  });

  it('keeps a picture that came after the opening', async () => {
    const data =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+M8AAAMBAQDJ/pLvAAAAAElFTkSuQmCC';
    await using client = await MovingClient.open({ path: '/ws', next: () => server.url });
    await client.until('gpu_assigned');
    const initial_image = { mime: 'image/png', data };
    client.send({ type: 'simple_generate', prompt: 'a clip', prompt_id: 'x', initial_image });
    await client.until('ltx2_stream_complete');
    expect(client.members).toMatchObject({ picture: initial_image, single_clip: true, current: null });
  });
});

describe('a drain of a session of /ws with checkpoints', () => {
  it('lets the segment end, and says no error and no end of the stream', async () => {
    await using one = await readyServer('mock', [...args, '--mock.sleep_ms', '1500']);
    await using client = await MovingClient.open({ path: '/ws', init: seeds, next: () => one.url });
    await client.until('ltx2_segment_start');
    one.signal('SIGTERM');
    expect(await client.untilClosed()).toEqual({ code: 1001, reason: 'server_draining' });
    expect(await one.exited).toEqual({ code: 0, signal: null });
    const types = client.frames.map(({ type }) => type);
    expect(types.slice(-2)).toEqual(['step_complete', 'ltx2_segment_complete']);
    expect(client.members).toMatchObject({ current: null, seed_next: 1, streaming: true });
  });
});
