import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { type DecodedFrame, decodedFrames } from './decoded.ts';
import { filmOf } from './film.ts';
import { makeSegment, readSegment, type Segment } from './segment.ts';
import { type Command, readyServer } from './servers.ts';
import type { SharedStore } from './shared-stores.ts';
import { resumeAt, ticketOf } from './tickets.ts';

const frames = 24;
export const small = [
  ...['--default_request.sampling.width', '128', '--default_request.sampling.height', '96'],
  ...['--default_request.sampling.num_frames', String(frames), '--default_request.sampling.fps', '24'],
];
export const init = { curated_prompts: ['a green meadow', 'a river at night'] };

/** Two segments, and a session that is told to walk its curated prompts, but later. */
async function firstTwo(client: ContractClient): Promise<Segment[]> {
  const segments = [
    await makeSegment(client, 'a red fox', { seed: 7 }),
    await makeSegment(client, 'a red fox in the snow', { seed: 8 }),
  ];
  client.send({ type: 'generation_paused_updated', paused: true });
  client.send({ type: 'loop_generation_updated', enabled: true });
  // Its answer says that both have been taken.
  client.send({ type: 'snapshot_state' });
  await client.until('continuation_state_snapshot');
  return segments;
}

async function third(client: ContractClient): Promise<Segment> {
  client.send({ type: 'generation_paused_updated', paused: false });
  return await readSegment(client);
}

/** How a server comes to its end. */
export const endings = {
  'was stopped': async (server: ServerProcess) => {
    server.signal('SIGTERM');
    expect(await server.exited).toEqual({ code: 0, signal: null });
  },
  'was killed': async (server: ServerProcess, store: SharedStore) => {
    await waitFor('record of all that happened', async () =>
      (await store.records()).some(
        ({ record }) => record.next_segment_idx === 2 && record.paused && record.toggles['loop'],
      ),
    );
    server.signal('SIGKILL');
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
  },
};

/** For a `describe`: a session that is kept in the store goes on after each of these ends, as the same film. */
export function goesOnTests(
  command: Command,
  makeStore: () => Promise<SharedStore>,
  ends: readonly (keyof typeof endings)[],
): void {
  let unbroken: readonly DecodedFrame[];
  let store: SharedStore;
  let server: ServerProcess;
  beforeAll(async () => {
    await using whole = await readyServer(command, small);
    await using client = await ContractClient.open(whole.url, init);
    unbroken = await decodedFrames(filmOf([...(await firstTwo(client)), await third(client)]));
  });
  beforeEach(async () => {
    store = await makeStore();
    server = await readyServer(command, [...small, '--streaming.store', store.url]);
  });
  afterEach(async () => {
    await server.stop();
    await store[Symbol.asyncDispose]();
  });

  it.each(ends)('goes on after its server %s, as the same film as without the break', async (end) => {
    await using before = await ContractClient.open(server.url, init);
    const segments = await firstTwo(before);
    await endings[end](server, store);
    await before.close();

    await using later = await readyServer(command, [...small, '--streaming.store', store.url]);
    await using client = await resumeAt(later.url, ticketOf(before), { nextIdx: 2, durationMs: 2000 });
    const next = await third(client);
    expect(next.start).toMatchObject({ segment_idx: 2, source: 'curated', prompt: 'a green meadow' });
    expect(next.mediaComplete).toMatchObject({ pts_base_ms: 2000 });

    expect(await decodedFrames(filmOf([...segments, next]))).toEqual(unbroken);
    // Its pictures all differ, and it has sound, so that a wrong one would be seen.
    const digests = (track: number) =>
      unbroken.filter((frame) => frame.track === track).map(({ md5 }) => md5);
    expect(new Set(digests(0)).size).toBe(3 * frames);
    expect(new Set(digests(1)).size).toBeGreaterThan(100);
  });
}
