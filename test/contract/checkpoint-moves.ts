import { beforeAll, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient, type Frame } from './client.ts';
import { heldEncoder } from './held-encoder.ts';
import { expectShown, picturesOf, seeded, told } from './moved-session.ts';
import { MovingClient } from './moving-client.ts';
import { type Command, endless, idle, quick, readyServer, type Shared } from './servers.ts';
import { StreamRules } from './stream-rules.ts';

const echo = ['--streaming.prompt.enabled', 'true', '--streaming.prompt.provider', 'echo'];
/** Lossless, so that a picture is the same whatever was encoded before it. */
const exact = ['--streaming.encoder.extra_args', '["-qp", "0"]'];
const shapes = ['--streaming.creation.aspect_ratios', '["9:16"]'];
export const args = [...quick, ...echo, ...exact, ...shapes, '--streaming.generation_segment_cap', '5'];

export interface Scenario {
  readonly name: string;
  readonly init: object;
  readonly play: (client: MovingClient) => Promise<void>;
}

const ended = (idx: number) => (frame: Frame) => frame.segment_idx === idx;

export const scenarios: readonly Scenario[] = [
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
    name: 'a shape that the client chose',
    init: { aspect_ratio: '9:16' },
    play: async (client) => {
      for (const prompt of ['a red fox', 'a blue fox']) ask(client, prompt);
      await client.until('ltx2_segment_complete', ended(1));
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

/** For a `describe`. Each scenario is played once without a move and `rounds` times with moves at chance places. */
export function moveTests(
  shared: Shared,
  command: Command,
  chosen: readonly Scenario[],
  rounds: number,
): void {
  let servers: readonly ServerProcess[];
  beforeAll(async () => {
    const second = [...args, '--server.output_dir', 'of-the-second'];
    servers = await Promise.all([shared(command, args), shared(command, second)]);
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

  it.each(chosen.map((scenario) => [scenario.name, scenario] as const))(
    'tells its client the same, and shows the same: %s',
    async (_, scenario) => {
      await using whole = await play(scenario, []);
      const expected = told(whole);
      const shown = await picturesOf(whole);
      await whole[Symbol.asyncDispose]();
      const random = seeded(scenario.name.length * 7919);
      // How many checkpoints, media chunks and batches of pictures come differs: these come each time.
      const messages = whole.frames.filter(({ type }) => type !== 'frame_batch').length;
      for (let round = 0; round < rounds; round += 1) {
        // The very first message in the second round.
        const first = round === 1 ? 1 : 1 + Math.floor(random() * messages);
        const cuts = [first, 1 + Math.floor(random() * messages)];
        await using moved = await play(scenario, cuts);
        expect(moved.moved, `cuts ${cuts}`).toBeGreaterThan(0);
        expect({ cuts, ...told(moved) }).toEqual({ cuts, ...expected });
        expectShown(await picturesOf(moved), shown, `cuts ${cuts}`);
      }
    },
  );
}

/** A replica that drains while a segment is made, which then ends. */
export async function drainAtSegmentEnd(shared: Shared, command: Command): Promise<void> {
  await using encoder = await heldEncoder();
  await using one = await readyServer(command, [...args, ...encoder.args]);
  const other = await shared(command, args);
  await using client = await MovingClient.open({ path: '/v1/stream', next: () => one.url });
  for (const prompt of ['a red fox', 'a blue fox']) ask(client, prompt);
  await client.until('ltx2_segment_start');
  one.signal('SIGTERM');
  await waitFor('drain', async () => (await fetch(`${one.url}/readyz?strict`)).status === 503);
  await encoder.release();
  expect(await client.untilClosed()).toEqual({ code: 1001, reason: 'server_draining' });
  expect(await one.exited).toEqual({ code: 0, signal: null });
  const types = client.frames.map(({ type }) => type);
  expect(types.at(-1)).toBe('ltx2_segment_complete');
  expect(types).not.toContain('error');
  expect(client.members).toMatchObject({ current: null, waiting: [{ prompt: 'a blue fox' }] });
  const rules = new StreamRules({ nextIdx: 1, durationMs: 500 });
  await using after = await ContractClient.connect(other.url, { rules });
  after.send({ type: 'session_init_v2', checkpoint: client.members });
  expect(await after.until('ltx2_segment_start')).toMatchObject({ segment_idx: 1, prompt: 'a blue fox' });
  await after.until('ltx2_segment_complete');
}

/** A replica that drains while a segment is made that does not end. */
export async function drainInSegment(command: Command): Promise<void> {
  await using one = await readyServer(command, [...endless, '--server.drain_seconds', '0.3']);
  await using client = await MovingClient.open({ path: '/v1/stream', next: () => one.url });
  ask(client, 'a long one');
  await client.until('media_init');
  one.signal('SIGTERM');
  expect(await client.untilClosed()).toEqual({ code: 1001, reason: 'server_draining' });
  expect(client.frames.map(({ type }) => type)).not.toContain('segment_cancelled');
  expect(client.members).toMatchObject({ current: { segment_idx: 0, cancelled: false } });
  expect(client.alreadySent).toMatchObject({ segment_idx: 0, started: true });
}

export function ask(client: MovingClient, prompt: string, fields: object = {}): void {
  client.send({ type: 'segment_prompt_source', prompt, ...fields });
}
