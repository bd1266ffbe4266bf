import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { idle, quick, quickFrames, readyServer } from '../contract/servers.ts';
import { fileStore, type SharedStore } from '../contract/shared-stores.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { freePort, pictureSteps, readFilm, startStream, stream } from './run-stream.ts';

/** Long enough that a server can be ended in the middle of a segment. */
const frames = 96;
const long = [
  ['width', '640'],
  ['height', '352'],
  ['num_frames', String(frames)],
].flatMap(([name, value]) => [`--default_request.sampling.${name}`, String(value)]);
const prompts = ['a red fox', 'the fox looks up', 'snow falls'];

let directory: string;
let state: string;
let store: SharedStore;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-survival-'));
  state = join(directory, 'state.json');
  store = await fileStore();
});
afterEach(async () => {
  await rm(directory, { recursive: true });
  await store.remove();
});

async function nextFrame(): Promise<number> {
  return (JSON.parse(await readFile(state, 'utf8')) as { payload: { nextFrame: number } }).payload.nextFrame;
}

describe('a film', () => {
  const startAt = (port: number, storeUrl: string): Promise<ServerProcess> =>
    readyServer('mock', [...long, '--server.port', String(port), '--streaming.store', storeUrl]);

  it('is complete when its server is killed in a segment and another takes the session over', async () => {
    const port = await freePort();
    await using first = await startAt(port, store.url);
    const running = startStream(['--url', first.url, '--json', '--continuation', state, ...prompts], '');
    await running.until('media', ({ type, segment_idx }) => type === 'media_init' && segment_idx === 1);
    first.signal('SIGKILL');
    await first.exited;
    await using second = await startAt(port, store.url);
    const { code, stdout, stderr } = await running.ended;
    expect(code, stderr).toBe(0);
    expect(running.events()).toContainEqual(expect.objectContaining({ event: 'connecting', resume: true }));
    expect((await readFilm(stdout)).frames).toBeGreaterThanOrEqual(3 * frames);
    expect(Math.max(...(await pictureSteps(stdout)))).toBeLessThan(150);
    expect(await nextFrame()).toBe(3 * frames);
    await idle(second);
  });

  it('goes on from the last state when the killed server took the session with it', async () => {
    const port = await freePort();
    await using first = await startAt(port, 'memory:');
    const running = startStream(['--url', first.url, '--json', '--continuation', state, ...prompts], '');
    await running.until('media', ({ type, segment_idx }) => type === 'media_init' && segment_idx === 1);
    first.signal('SIGKILL');
    await first.exited;
    await using second = await startAt(port, 'memory:');
    const { code, stdout, stderr } = await running.ended;
    expect(code, stderr).toBe(0);
    expect(running.events()).toContainEqual(expect.objectContaining({ why: 'not_resumable' }));
    expect((await readFilm(stdout)).frames).toBeGreaterThanOrEqual(3 * frames);
    expect(await nextFrame()).toBe(3 * frames);
    await idle(second);
  });

  it('has each segment once when its server drains and another takes the session over', async () => {
    const port = await freePort();
    await using first = await startAt(port, store.url);
    const running = startStream(['--url', first.url, '--json', '--continuation', state, ...prompts], '');
    await running.until('media', ({ type, segment_idx }) => type === 'media_init' && segment_idx === 1);
    first.signal('SIGTERM');
    expect(await first.exited).toEqual({ code: 0, signal: null });
    await using second = await startAt(port, store.url);
    const { code, stdout, stderr } = await running.ended;
    expect(code, stderr).toBe(0);
    expect((await readFilm(stdout)).frames).toBe(3 * frames);
    expect(Math.max(...(await pictureSteps(stdout)))).toBeLessThanOrEqual(42);
    expect(await nextFrame()).toBe(3 * frames);
    await idle(second);
  });

  it('ends with a clear line when the server does not come back in time', async () => {
    await using server = await readyServer('mock', quick);
    const running = startStream(
      ['--url', server.url, '--json', '--reconnect-seconds', '0.5', '--loop', 'a'],
      '',
    );
    await running.until('a segment', ({ type }) => type === 'ltx2_segment_complete');
    server.signal('SIGKILL');
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/fastvideo: The connection was lost and did not come back within \d+ s: .*\n$/);
    expect((await readFilm(stdout)).frames).toBeGreaterThanOrEqual(quickFrames);
  });
});

describe('a film of more segments than the server makes in a session', () => {
  const capped = (cap: number) => [...quick, '--streaming.generation_segment_cap', String(cap)];
  const many = Array.from({ length: 11 }, (_, index) => `prompt ${index}`);

  it.each([2, 3, 4])('goes on without a seam in further sessions (%i in each)', async (cap) => {
    await using server = await readyServer('mock', capped(cap));
    const { code, stdout, stderr } = await stream(['--url', server.url, '--continuation', state, ...many]);
    expect([code, stderr]).toEqual([0, '']);
    expect((await readFilm(stdout)).frames).toBe(11 * quickFrames);
    expect(Math.max(...(await pictureSteps(stdout)))).toBeLessThanOrEqual(42);
    expect(await nextFrame()).toBe(11 * quickFrames);
  });

  it('goes on where the server chooses the prompts itself', async () => {
    await using server = await readyServer('mock', capped(4));
    const args = ['--url', server.url, '--loop', '--segments', '11', '--json', '--continuation', state];
    const { code, stdout, stderr } = await stream([...args, 'one', 'two', 'three']);
    expect(code, stderr).toBe(0);
    expect((await readFilm(stdout)).frames).toBe(11 * quickFrames);
    expect(await nextFrame()).toBe(11 * quickFrames);
  });

  it('names the cap when no state can be had before it', async () => {
    await using server = await readyServer('mock', capped(1));
    const { code, stdout, stderr } = await stream(['--url', server.url, ...prompts]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('streaming.generation_segment_cap')]);
    expect((await readFilm(stdout)).frames).toBe(quickFrames);
  });

  it('needs no state for clips of their own', async () => {
    await using server = await readyServer('mock', capped(1));
    const { code, stdout } = await stream(['--url', server.url, '--single-clip', ...prompts]);
    expect(code).toBe(0);
    expect((await readFilm(stdout)).frames).toBe(3 * quickFrames);
  });
});
