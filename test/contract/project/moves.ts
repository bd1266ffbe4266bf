import { beforeEach, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../../support/server-process.ts';
import type { Frame } from '../frame-documents.ts';
import { expectShown, picturesOf, seeded, told } from '../moved-session.ts';
import { MovingClient } from '../moving-client.ts';
import { idle, quick, sharedServers } from '../servers.ts';

const echo = ['--streaming.prompt.enabled', 'true', '--streaming.prompt.provider', 'echo'];
/** Lossless, so that a picture is the same whatever was encoded before it. */
const exact = ['--streaming.encoder.extra_args', '["-qp", "0"]'];
export const checkpointArgs = [...quick, ...echo, ...exact, '--streaming.generation_segment_cap', '5'];
/** Of another replica, which is no different. */
const secondArgs = [...checkpointArgs, '--streaming.max_sessions', '64'];

interface Scenario {
  readonly name: string;
  readonly init: object;
  readonly play: (client: MovingClient) => Promise<void>;
}

const before = (idx: number) => (frame: Frame) => frame['segment_idx'] === idx;
export const seeds = { curated_prompts: ['a red fox', 'a blue fox'] };

/** What a client of `/ws` may go through. */
export const scenarios: readonly Scenario[] = [
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

async function play(
  servers: readonly ServerProcess[],
  scenario: Scenario,
  cuts: readonly number[],
): Promise<MovingClient> {
  let connection = 0;
  const next = async () => {
    const server = servers[connection++ % servers.length] as ServerProcess;
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

/** Plays each scenario on one replica, then as often as `rounds` says with its connection cut at other places. */
export function describeMoves(of: readonly Scenario[], rounds: number): void {
  describe('a session of /ws that is moved between two replicas', () => {
    const shared = sharedServers();
    let servers: readonly ServerProcess[];
    beforeEach(async () => {
      servers = await Promise.all([shared('mock', checkpointArgs), shared('mock', secondArgs)]);
    });

    it.each(of.map((scenario) => [scenario.name, scenario] as const))(
      'tells its client the same, and shows the same: %s',
      async (_, scenario) => {
        await using whole = await play(servers, scenario, []);
        const expected = told(whole);
        const shown = await picturesOf(whole);
        await whole[Symbol.asyncDispose]();
        const random = seeded(scenario.name.length * 6151);
        const messages = whole.counts[0] ?? 0;
        for (let round = 0; round < rounds; round += 1) {
          const cuts = [2, 2].map((least) => least + Math.floor(random() * (messages - least)));
          if (round === 0) cuts[0] = 2;
          for (let moved = 0; moved === 0; cuts[0] = Math.ceil((cuts[0] ?? 2) / 2)) {
            await using client = await play(servers, scenario, cuts);
            // Checkpoints that come close together are told as one: the last messages are not always there.
            moved = client.moved;
            if (moved === 0) continue;
            expect({ cuts, ...told(client) }).toEqual({ cuts, ...expected });
            expectShown(await picturesOf(client), shown, `cuts ${cuts}`);
          }
        }
      },
    );
  });
}
