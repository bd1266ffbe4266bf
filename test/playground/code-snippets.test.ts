import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CodeKind, codeFor } from '../../playground/code-snippets.ts';
import { linkedOptions, pageLink } from '../../playground/page-link.ts';
import { findOnPath } from '../../src/core/base/executable.ts';
import { probe } from '../contract/film.ts';
import { quick, quickFrames } from '../contract/servers.ts';
import { needs, type Tool } from '../support/needs.ts';
import { pythonWithWebsockets } from '../support/python.ts';
import { repositoryRoot, type ServerProcess, startServer } from '../support/server-process.ts';

const curl: Tool = { path: findOnPath('curl'), remedy: 'There is no curl on the PATH. Install it.' };

/** What each language has its own way to write. */
const prompt = 'it\'s "a" <fox> & $HOME `x` \\n é 🦊';

describe('the code that the playground gives for a prompt', () => {
  let folder: string;
  let server: ServerProcess;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fastvideo-code-'));
    // As `npm install fastvideo ws` leaves it.
    await promisify(execFile)('mkdir', ['node_modules'], { cwd: folder });
    await symlink(repositoryRoot, join(folder, 'node_modules/fastvideo'));
    await symlink(join(repositoryRoot, 'node_modules/ws'), join(folder, 'node_modules/ws'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    server = await startServer({ command: 'mock', args: quick });
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function run(
    kind: CodeKind,
    file: string,
    program: string,
    ...args: readonly string[]
  ): Promise<void> {
    await rm(join(folder, 'video.mp4'), { force: true });
    const code = codeFor(kind, { server: server.url, prompt, seed: 7, hasKey: false });
    await writeFile(join(folder, file), code);
    await promisify(execFile)(program, [...args, file], { cwd: folder });
    const film = await readFile(join(folder, 'video.mp4'));
    expect(await probe(film)).toMatchObject({ videoFrames: quickFrames, streams: ['video', 'audio'] });
  }

  it('makes the video in JavaScript', async () => {
    await run('javascript', 'video.js', process.execPath);
  });

  it('makes the video in Python', needs(pythonWithWebsockets), async () => {
    await run('python', 'video.py', pythonWithWebsockets.path ?? '');
  });

  it('makes the video with a command', async () => {
    const bin = join(folder, 'npx');
    await writeFile(
      bin,
      `#!/bin/sh\nshift\nexec "${process.execPath}" "${repositoryRoot}/bin/fastvideo.js" "$@"\n`,
      {
        mode: 0o755,
      },
    );
    await run('shell', 'video.sh', 'sh', '-c', `PATH="${folder}:$PATH"; . ./"$0"`);
  });

  it('makes the video with curl', needs(curl), async () => {
    await run('curl', 'curl.sh', 'sh');
  });

  it('quotes the prompt for a page, and never holds the key', () => {
    const page = codeFor('page', {
      server: 'http://a:1',
      prompt: '"><script>',
      seed: undefined,
      hasKey: true,
    });
    expect(page).toContain('prompt="&quot;>&lt;script>"');
    const python = codeFor('python', { server: 'https://a', prompt, seed: undefined, hasKey: true });
    expect(python).toContain('"wss://a/v1/stream" + "?api_key=" + os.environ["FASTVIDEO_API_KEY"]');
  });
});

describe('a link to the playground', () => {
  it('carries the prompt and the options, and not the key', () => {
    const page = new URL('http://a/?api_key=secret&url=ws%3A%2F%2Fb&prompt=old#x');
    const shape = { aspect_ratio: '9:16', resolution: '720p' };
    const link = pageLink(page, { prompt, seed: 0, live: true, shape });
    expect(link).not.toContain('secret');
    expect(new URL(link).searchParams.get('url')).toBe('ws://b');
    expect(linkedOptions(new URL(link))).toEqual({ prompt, seed: 0, live: true, shape });
  });

  it('may carry nothing', () => {
    expect(linkedOptions(new URL('http://a/?seed=x'))).toEqual({
      prompt: '',
      seed: undefined,
      live: false,
      shape: {},
    });
  });
});
