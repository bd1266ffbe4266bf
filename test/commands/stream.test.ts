import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn as spawnTerminal } from '@lydell/node-pty';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, readFilm, sampleSteps, startStream, stream } from '../client/run-stream.ts';
import { idle, quick, quickFrames, readyServer } from '../contract/servers.ts';
import { repositoryRoot, type ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { runHere } from './run-here.ts';

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
  it('makes one film of three prompts', async () => {
    const { code, stdout, stderr } = await stream(at(...prompts));
    expect([code, stderr]).toEqual([0, '']);
    const { frames, seconds } = await readFilm(stdout);
    expect(frames).toBe(3 * quickFrames);
    expect(seconds).toBeCloseTo((3 * quickFrames - 1) / 24, 2);
    expect(Math.max(...(await sampleSteps(stdout, 'video')))).toBeLessThanOrEqual(42);
  });

  it('takes a prompt that begins with a dash behind two of them', async () => {
    const { code, stderr } = await stream(at('--json', '--', '-5 degrees'));
    expect([code, stderr]).toEqual([0, expect.stringContaining('"prompt":"-5 degrees"')]);
  });

  it('makes a segment as soon as its line is there', async () => {
    const running = startStream(at('--json'));
    running.child.stdin.write('the first\n');
    await running.until('the first segment', ({ type }) => type === 'ltx2_segment_complete');
    running.child.stdin.end('the second');
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    expect((await readFilm(stdout)).frames).toBe(2 * quickFrames);
  });

  it('prints every text frame and its own events as JSON lines', async () => {
    const { stderr } = await stream(at('--json', ...prompts));
    const lines = stderr.trim().split('\n');
    const events = lines.map((line) => JSON.parse(line) as { type: string; event?: string });
    const count = (type: string) => events.filter((event) => event.type === type).length;
    expect(events[0]).toEqual({
      type: 'client_event',
      event: 'connecting',
      url: `${server.url.replace('http', 'ws')}/v1/stream`,
      resume: false,
    });
    expect([count('ltx2_segment_start'), count('media_init'), count('ltx2_segment_complete')]).toEqual([
      3, 3, 3,
    ]);
    expect(events.at(-1)).toMatchObject({ event: 'film', segments: 3, skipped: 0 });
  });

  it('goes on with the next film where the last one ended', async () => {
    const path = join(directory, 'state.json');
    const first = await stream(at('--continuation', path, ...prompts));
    expect([first.code, await nextFrame(path)]).toEqual([0, 3 * quickFrames]);
    const second = await stream(at('--continuation', path, 'and on'));
    expect([second.code, await nextFrame(path)]).toEqual([0, 4 * quickFrames]);
    expect((await readFilm(second.stdout)).frames).toBe(quickFrames);
    const other = join(directory, 'other.json');
    const third = await stream(at('--continuation', path, '--save-continuation', other, 'and on'));
    expect([third.code, await nextFrame(path), await nextFrame(other)]).toEqual([0, 48, 60]);
    expect((await readdir(directory)).filter((name) => name.endsWith('-tmp'))).toEqual([]);
  });

  it('makes clips of their own, and no more than asked for', async () => {
    const { code, stdout } = await stream(at('--single-clip', '--segments', '2', ...prompts));
    expect(code).toBe(0);
    expect((await readFilm(stdout)).frames).toBe(2 * quickFrames);
  });

  it('leaves the session and closes the film when it is interrupted', async () => {
    const path = join(directory, 'interrupted.mp4');
    const running = startStream(at('--loop', '--json', '-o', path, 'a fox'), '');
    await running.until('a segment', ({ type }) => type === 'ltx2_segment_complete');
    running.child.kill('SIGINT');
    const { code, stderr } = await running.ended;
    expect([code, stderr.trim().split('\n').at(-1)]).toEqual([130, 'fastvideo: Interrupted.']);
    expect((await readFilm(await readFile(path))).frames).toBeGreaterThanOrEqual(quickFrames);
    await idle(server);
  });

  it('asks for prompts on a terminal, and says what it waits for after a segment', async () => {
    const bin = join(repositoryRoot, 'bin/fastvideo.js');
    const args = [bin, 'stream', ...at('-o', join(directory, 'typed.mp4'))];
    // A progress line is not drawn where CI is set.
    const { CI: _, ...env } = process.env;
    const terminal = spawnTerminal(process.execPath, args, { cols: 100, rows: 24, env });
    let shown = '';
    terminal.onData((text) => {
      shown += text;
    });
    const ended = new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
    await waitFor('the request', () => shown.includes('Type prompts, one a line'));
    terminal.write('a fox\r');
    await waitFor('the end of the segment', () => shown.includes('Waiting for the next segment, 1 segment'));
    terminal.write('\x04');
    expect(await ended).toBe(0);
    expect(shown).not.toContain('Segment 2');
  });

  it('refuses a terminal as stdout', async () => {
    const terminal = spawnTerminal(
      process.execPath,
      [join(repositoryRoot, 'bin/fastvideo.js'), 'stream', 'a fox'],
      {},
    );
    let shown = '';
    terminal.onData((text) => {
      shown += text;
    });
    const code = await new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
    expect([code, shown.trim()]).toEqual([
      2,
      'fastvideo: stdout is a terminal; redirect it, or name a file with --output.',
    ]);
  });

  it.each([
    ['an address that is none', ['--url', 'localhost:8000', 'a'], 2, 'Did you mean ws://localhost:8000?'],
    ['a seed that is none', ['a', '--seed', 'x'], 2, '--seed "x" must be a whole number'],
    ['no segments', ['a', '--segments', '0'], 2, '--segments "0" must be a whole number of at least 1'],
    [
      'a state with clips of their own',
      ['a', '--single-clip', '--continuation', 's'],
      2,
      'remove --continuation',
    ],
    ['a picture that is missing', ['a', '--image', '/nope.png'], 2, '/nope.png: there is no such file'],
    [
      'a picture that is none',
      ['a', '--image', import.meta.filename],
      2,
      'is not a PNG, JPEG or WebP picture',
    ],
    [
      'a state that is none',
      ['a', '--continuation', import.meta.filename],
      2,
      'contains no continuation state',
    ],
  ])('refuses %s in one line', async (_, args, exitCode, message) => {
    const { code, stderr } = await runHere(['stream', ...args]);
    expect(stderr).toContain(message);
    expect([code, stderr.trim().split('\n').length]).toEqual([exitCode, 1]);
  });

  it('refuses a preset that the server does not have, and names those that it has', async () => {
    const { presets } = (await (await fetch(`${server.url}/curated-presets`)).json()) as {
      presets: { id: string }[];
    };
    const { code, stdout, stderr } = await stream(at('--preset', 'nope', 'a'));
    expect([code, stdout.length]).toEqual([2, 0]);
    expect(stderr).toBe(
      `fastvideo: --preset "nope" is not a preset of the server; it has ${presets.map(({ id }) => `"${id}"`).join(', ')}.\n`,
    );
    expect((await stream(at('--preset', presets[0]?.id ?? '', 'a'))).code).toBe(0);
  });

  it('refuses no prompt in one line', async () => {
    const { code, stderr } = await stream(at());
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^fastvideo: There is no prompt.*\n$/)]);
  });

  it('says so when nothing listens', async () => {
    const { code, stderr } = await stream(['--url', `http://127.0.0.1:${await freePort()}`, 'a']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^fastvideo: ws:\/\/127\.0\.0\.1:\d+\/v1\/stream cannot be reached: .*ECONNREFUSED.*\n$/,
    );
  });

  it('says so when a state is of another model', async () => {
    const path = join(directory, 'foreign.json');
    await writeFile(path, JSON.stringify({ kind: 'another.v1', payload: {} }));
    const { code, stderr } = await stream(at('--continuation', path, 'a'));
    expect([code, stderr]).toEqual([2, expect.stringContaining('"another.v1"')]);
  });
});
