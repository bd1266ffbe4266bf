import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { idle, quick, quickFrames, readyServer, sharedServers } from '../contract/servers.ts';
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

let folder: FilmFolder;
beforeEach(async () => {
  folder = await filmFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

describe('a film', () => {
  it('is complete when its server is killed in a segment and another takes the session over', async () => {
    await using store = await fileStore();
    const stored = ['--streaming.store', store.url];
    await using first = await scenarioServer(folder, secondSegmentStays, stored);
    const args = [
      '--url',
      first.url,
      '--json',
      '--continuation',
      folder.state,
      '--reconnect-seconds',
      '9999',
    ];
    const running = startStream([...args, ...prompts], '');
    await running.until('media', ({ type, segment_idx }) => type === 'media_init' && segment_idx === 1);
    first.signal('SIGKILL');
    await first.exited;
    await using second = await successor(first, stored);
    const { code, stdout, stderr } = await running.ended;
    expect(code, stderr).toBe(0);
    expect(running.events()).toContainEqual(expect.objectContaining({ event: 'connecting', resume: true }));
    expect((await readFilm(stdout)).frames).toBeGreaterThanOrEqual(3 * quickFrames);
    // Less than four pictures are missing where the server was killed.
    expect(Math.max(...(await sampleSteps(stdout, 'video')))).toBeLessThan(150);
    expect(await folder.nextFrame()).toBe(3 * quickFrames);
    await idle(second);
  });
});

describe('a film of more segments than the server makes in a session', () => {
  const shared = sharedServers();
  const capped = (cap: number) => [...quick, '--streaming.generation_segment_cap', String(cap)];

  it('goes on without a seam in further sessions', async () => {
    await using server = await readyServer('mock', capped(3));
    const many = Array.from({ length: 7 }, (_, index) => `prompt ${index}`);
    const args = ['--url', server.url, '--continuation', folder.state];
    const { code, stdout, stderr } = await stream([...args, ...many]);
    expect([code, stderr]).toEqual([0, '']);
    expect((await readFilm(stdout)).frames).toBe(7 * quickFrames);
    expect(Math.max(...(await sampleSteps(stdout, 'video')))).toBeLessThanOrEqual(42);
    expect(await folder.nextFrame()).toBe(7 * quickFrames);
  });

  it('goes on also where a session makes a single segment', async () => {
    const server = await shared('mock', capped(1));
    const { code, stdout, stderr } = await stream(['--url', server.url, '--json', ...prompts]);
    expect(code).toBe(0);
    expect((await readFilm(stdout)).frames).toBe(3 * quickFrames);
    expect(Math.max(...(await sampleSteps(stdout, 'video')))).toBeLessThanOrEqual(42);
    // The browser's buffer would have a hole there, and the video would stop.
    expect(Math.max(...(await sampleSteps(stdout, 'audio')))).toBeLessThan(2 * 22);
    // None is made twice for its state.
    expect(stderr.match(/"type":"ltx2_segment_complete"/g)).toHaveLength(3);
  });

  it('needs no state for clips of their own', async () => {
    const server = await shared('mock', capped(1));
    const { code, stdout } = await stream(['--url', server.url, '--single-clip', ...prompts]);
    expect(code).toBe(0);
    expect((await readFilm(stdout)).frames).toBe(3 * quickFrames);
  });
});
