import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFilm, startStream, stream } from '../client/run-stream.ts';
import { difference, frameOf } from '../contract/film.ts';
import { idle, quick, quickFrames, readyServer } from '../contract/servers.ts';
import type { ServerProcess } from '../support/server-process.ts';

const prompts = ['a red fox', 'the fox looks up', 'snow falls'];
let directory: string;
let server: ServerProcess;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-stream-'));
  server = await readyServer('mock', quick);
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

const at = (...args: readonly string[]) => ['--url', server.url, ...args];

async function nextFrame(path: string): Promise<number> {
  const state = JSON.parse(await readFile(path, 'utf8')) as { payload: { nextFrame: number } };
  return state.payload.nextFrame;
}

describe('fastvideo stream', () => {
  it('makes the same film from lines as from arguments, in a file as in a pipe', async () => {
    const path = join(directory, 'film.mp4');
    const piped = await stream(at(), `${prompts[0]}\r\n\n   \n${prompts[1]}\n${prompts[2]}`);
    const filed = await stream(at(...prompts, '-o', path));
    expect([piped.code, filed.code, filed.stdout.length]).toEqual([0, 0, 0]);
    const film = await readFile(path);
    // Sound and picture may lie in another order, as they came; what is in them is the same.
    expect(await readFilm(piped.stdout)).toEqual(await readFilm(film));
    const pictures = await Promise.all([piped.stdout, film].map((one) => frameOf(one, 2 * quickFrames)));
    expect(difference(pictures[0] ?? Buffer.of(), pictures[1] ?? Buffer.of())).toBe(0);
  });

  it('makes a film of 200 lines', async () => {
    const lines = Array.from({ length: 200 }, (_, index) => `prompt ${index}`).join('\n');
    const { code, stdout } = await stream(at(), lines);
    expect(code).toBe(0);
    expect((await readFilm(stdout)).frames).toBe(200 * quickFrames);
  });

  it('walks the prompts again and again until enough segments are made', async () => {
    const path = join(directory, 'loop.json');
    const { code, stdout, stderr } = await stream(
      at('--loop', '--segments', '5', '--json', '--continuation', path, 'one', 'two'),
    );
    expect([code, await nextFrame(path)]).toEqual([0, 5 * quickFrames]);
    expect((await readFilm(stdout)).frames).toBe(5 * quickFrames);
    const used = [...stderr.matchAll(/"ltx2_segment_start".*?"prompt":"(\w+)"/g)].map(([, prompt]) => prompt);
    expect(used.slice(0, 5)).toEqual(['one', 'two', 'one', 'two', 'one']);
  });

  it('starts from a picture', async () => {
    const path = join(directory, 'picture.jpg');
    const args = ['-v', 'error', '-f', 'lavfi', '-i', 'color=red:s=64x48', '-frames:v', '1', path];
    expect(spawnSync('/usr/bin/ffmpeg', args).status).toBe(0);
    const { code, stdout } = await stream(
      at('--image', path, '--seed', '7', '--negative-prompt', 'text', 'a fox'),
    );
    expect(code).toBe(0);
    expect((await readFilm(stdout)).frames).toBe(quickFrames);
  });

  it('ends quietly when its reader goes away, and leaves the session', async () => {
    const { child, ended } = startStream(at('--loop', 'a fox'), '');
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
    await idle(server);
  });

  it('shows the key that the server wants', async () => {
    await using guarded = await readyServer('mock', [...quick, '--server.api_keys', '["the-key"]']);
    const address = ['--url', guarded.url, 'a fox'];
    const refused = await stream(address);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('Pass a key with --api-key')]);
    expect((await stream([...address, '--api-key', 'the-key'])).code).toBe(0);
  });
});
