import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { idle, quick, quickFrames, readyServer } from '../contract/servers.ts';
import { fileStore } from '../contract/shared-stores.ts';
import {
  type FilmFolder,
  filmFolder,
  scenarioServer,
  secondSegmentStays,
  successor,
} from './film-servers.ts';
import { readFilm, sampleSteps, startStream, stream } from './run-stream.ts';

const prompts = ['a red fox', 'the fox looks up', 'snow falls'];
const patient = ['--reconnect-seconds', '9999'];

let folder: FilmFolder;
beforeEach(async () => {
  folder = await filmFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

describe('a film', () => {
  it('goes on from the last state when the killed server took the session with it', async () => {
    await using first = await scenarioServer(folder, secondSegmentStays, []);
    const args = ['--url', first.url, '--json', '--continuation', folder.state, ...patient];
    const running = startStream([...args, ...prompts], '');
    await running.until('media', ({ type, segment_idx }) => type === 'media_init' && segment_idx === 1);
    first.signal('SIGKILL');
    await first.exited;
    await using second = await successor(first, []);
    const { code, stdout, stderr } = await running.ended;
    expect(code, stderr).toBe(0);
    expect(running.events()).toContainEqual(expect.objectContaining({ why: 'not_resumable' }));
    expect((await readFilm(stdout)).frames).toBeGreaterThanOrEqual(3 * quickFrames);
    expect(await folder.nextFrame()).toBe(3 * quickFrames);
    await idle(second);
  });

  it('has each segment once when its server drains and another takes the session over', async () => {
    await using store = await fileStore();
    const stored = ['--streaming.store', store.url];
    // The second segment takes its time, and the third is never made here: the server drains before the film is there.
    const slow = {
      latency: { per_frame: { ms: 50 } },
      stall: { at_frame: 1, segment: 3, timeout_seconds: 100_000 },
    };
    await using first = await scenarioServer(folder, slow, [...stored, '--server.drain_seconds', '20']);
    const args = ['--url', first.url, '--json', '--continuation', folder.state, ...patient];
    const running = startStream([...args, ...prompts], '');
    await running.until('media', ({ type, segment_idx }) => type === 'media_init' && segment_idx === 1);
    first.signal('SIGTERM');
    expect(await first.exited).toEqual({ code: 0, signal: null });
    await using second = await successor(first, stored);
    const { code, stdout, stderr } = await running.ended;
    expect(code, stderr).toBe(0);
    expect((await readFilm(stdout)).frames).toBe(3 * quickFrames);
    expect(Math.max(...(await sampleSteps(stdout, 'video')))).toBeLessThanOrEqual(42);
    expect(await folder.nextFrame()).toBe(3 * quickFrames);
    await idle(second);
  });

  it('ends with a clear line when the server does not come back in time', async () => {
    await using server = await readyServer('mock', quick);
    const args = ['--url', server.url, '--json', '--reconnect-seconds', '0.5', '--loop', 'a'];
    const running = startStream(args, '');
    await running.until('a segment', ({ type }) => type === 'ltx2_segment_complete');
    server.signal('SIGKILL');
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/fastvideo: No session could be opened within \d+ s: .*\n$/);
    expect((await readFilm(stdout)).frames).toBeGreaterThanOrEqual(quickFrames);
  });
});

describe('a film of more segments than the server makes in a session', () => {
  const capped = (cap: number) => [...quick, '--streaming.generation_segment_cap', String(cap)];
  const many = Array.from({ length: 11 }, (_, index) => `prompt ${index}`);

  it.each([2, 4])('goes on without a seam in further sessions (%i in each)', async (cap) => {
    await using server = await readyServer('mock', capped(cap));
    const args = ['--url', server.url, '--continuation', folder.state];
    const { code, stdout, stderr } = await stream([...args, ...many]);
    expect([code, stderr]).toEqual([0, '']);
    expect((await readFilm(stdout)).frames).toBe(11 * quickFrames);
    expect(Math.max(...(await sampleSteps(stdout, 'video')))).toBeLessThanOrEqual(42);
    expect(await folder.nextFrame()).toBe(11 * quickFrames);
  });

  it('goes on where the server chooses the prompts itself', async () => {
    await using server = await readyServer('mock', capped(4));
    const args = [
      '--url',
      server.url,
      '--loop',
      '--segments',
      '11',
      '--json',
      '--continuation',
      folder.state,
    ];
    const { code, stdout, stderr } = await stream([...args, 'one', 'two', 'three']);
    expect(code, stderr).toBe(0);
    expect((await readFilm(stdout)).frames).toBe(11 * quickFrames);
    expect(await folder.nextFrame()).toBe(11 * quickFrames);
  });
});
