import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, createReadStream, openSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMediaOutput } from '../../src/commands/pipe/media-output.ts';
import { freePort, stream } from '../client/run-stream.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { runHere } from './run-here.ts';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-output-'));
  path = join(directory, 'film.mp4');
});
afterEach(() => rm(directory, { recursive: true }));

const media = (text: string) => Buffer.from(text);

function encode(...args: readonly string[]): number | null {
  const bin = join(repositoryRoot, 'bin/fastvideo.js');
  return spawnSync(process.execPath, [bin, 'encode', '-o', path, ...args], { input: '' }).status;
}

async function streamNowhere(): Promise<number | null> {
  const { code } = await stream(['--url', `http://127.0.0.1:${await freePort()}`, '-o', path, 'a fox']);
  return code;
}

const failures: readonly (readonly [string, number, () => Promise<number | null> | number | null])[] = [
  ['encode without a frame', 2, () => encode('--size', '64x48')],
  ['encode of an odd size', 2, () => encode('--size', '63x48')],
  ['encode with an ffmpeg that is none', 2, () => encode('--size', '64x48', '--ffmpeg', '/nope')],
  ['stream without a server', 1, streamNowhere],
  ['stream without a prompt', 2, async () => (await stream(['-o', path])).code],
];

describe.each(failures)('%s', (_, exitCode, run) => {
  it('leaves a film as it was', async () => {
    await writeFile(path, 'yesterday');
    expect([await run(), await readFile(path, 'utf8')]).toEqual([exitCode, 'yesterday']);
  });

  it('leaves no file where there was none', async () => {
    expect([await run(), await readdir(directory)]).toEqual([exitCode, []]);
  });
});

describe('a file that is read, or written in the end, beside the output', () => {
  const refused = (name: string) => expect.stringContaining(`${name} are the same file; name another one.`);

  /** Runs the command with the film as stdin, or with nothing. */
  function bin(
    args: readonly string[],
    stdin: string | undefined,
  ): { status: number | null; stderr: string } {
    const input = stdin === undefined ? 'ignore' : openSync(stdin, 'r');
    const all = [join(repositoryRoot, 'bin/fastvideo.js'), ...args];
    const { status, stderr } = spawnSync(process.execPath, all, { stdio: [input, 'pipe', 'pipe'] });
    if (typeof input === 'number') closeSync(input);
    return { status, stderr: stderr.toString() };
  }

  it.each([
    ['stdin of encode', ['encode', '--size', '64x48'], 'stdin', true],
    ['the sound of encode', ['encode', '--size', '64x48', '--audio', 'FILE'], '--audio', false],
    ['the prompts of stream', ['stream'], 'stdin', true],
  ])('is refused, and left as it was: %s', async (_, args, name, isStdin) => {
    await writeFile(path, 'yesterday');
    const link = join(directory, 'link');
    await symlink('film.mp4', link);
    for (const output of [path, link, join(directory, '.', 'film.mp4')]) {
      const given = args.map((arg) => (arg === 'FILE' ? path : arg));
      const { status, stderr } = bin([...given, '-o', output], isStdin ? path : undefined);
      expect({ status, stderr }).toEqual({ status: 2, stderr: refused(name) });
      expect(await readFile(path, 'utf8')).toBe('yesterday');
    }
  });

  it('is refused also where neither is there yet', async () => {
    const state = join(directory, 'sub', '..', 'film.mp4');
    await mkdir(join(directory, 'sub'));
    for (const option of ['--continuation', '--save-continuation']) {
      const { code, stderr } = await runHere(['stream', 'a fox', option, state, '-o', path]);
      expect({ code, stderr }).toEqual({ code: 2, stderr: refused(option) });
    }
    expect(await readdir(directory)).toEqual(['sub']);
  });
});

describe('a file of media', () => {
  it('grows while it is made, in place of the old one', async () => {
    await writeFile(path, 'yesterday, which was long');
    const output = await openMediaOutput(path, []);
    await output.write(media('to'));
    expect(await readFile(path, 'utf8')).toBe('to');
    await output.write(media('day'));
    await output.close();
    expect(await readFile(path, 'utf8')).toBe('today');
  });

  it.each(['a file', 'nothing'])('is written through a link to %s', async (what) => {
    const link = join(directory, 'link');
    await symlink('film.mp4', link);
    if (what === 'a file') await writeFile(path, 'yesterday');
    const output = await openMediaOutput(link, []);
    await output.write(media('today'));
    await output.close();
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readFile(path, 'utf8')).toBe('today');
  });

  it.each([['today'], ['']])('is written to a named pipe in place, with the end: "%s"', async (text) => {
    expect(spawnSync('mkfifo', [path]).status).toBe(0);
    const reader = createReadStream(path, 'utf8');
    let read = '';
    reader.on('data', (data) => {
      read += data;
    });
    const ended = once(reader, 'end');
    const output = await openMediaOutput(path, []);
    if (text !== '') await output.write(media(text));
    await output.close();
    await ended;
    expect([read, (await lstat(path)).isFIFO()]).toEqual([text, true]);
  });

  it('tells in one line of a disk that is full', async () => {
    const output = await openMediaOutput('/dev/full', []);
    await expect(output.write(media('today'))).rejects.toMatchObject({
      code: 'input_invalid',
      message: '/dev/full cannot be written: its disk is full.',
    });
    await output.close();
  });

  it.each(['-', '/dev/stdout'])('is stdout as %s', async (name) => {
    expect((await openMediaOutput(name, [])).path).toBeUndefined();
  });
});

describe.each([
  ['-o', { whatIsThere: 1 }],
  // It is read before it is written.
  ['--continuation', { whatIsThere: 2 }],
  ['--save-continuation', { whatIsThere: 1 }],
])('stream %s', (option, { whatIsThere }) => {
  it.each([
    ['nope/file', 'there is no such file or folder', 1],
    ['film.mp4/file', 'a part of this path is a file', whatIsThere],
    ['folder', 'it is a folder', whatIsThere],
  ])('with the path %s is refused before a server is asked', async (name, reason, exitCode) => {
    await writeFile(path, '{}');
    await mkdir(join(directory, 'folder'));
    const told = join(directory, name);
    const address = `ws://127.0.0.1:${await freePort()}`;
    const { code, stderr } = await runHere(['stream', '--url', address, option, told, 'a fox']);
    expect(code).toBe(exitCode);
    expect(stderr).toMatch(
      new RegExp(`^fastvideo: (${option} )?${told}( cannot be written)?: ${reason}\\.\\n$`),
    );
    expect((await readdir(directory)).sort()).toEqual(['film.mp4', 'folder']);
  });
});
