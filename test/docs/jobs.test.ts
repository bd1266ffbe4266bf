import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probe } from '../contract/film.ts';
import { quick, readyServer } from '../contract/servers.ts';
import { needs } from '../support/needs.ts';
import { pythonWithOpenAi } from '../support/python.ts';
import { repositoryRoot, type ServerProcess } from '../support/server-process.ts';

const run = promisify(execFile);

describe('the clients in docs/jobs.md', () => {
  let server: ServerProcess;
  let folder: string;
  let page: string;
  beforeAll(async () => {
    server = await readyServer('mock', quick);
    folder = await mkdtemp(join(tmpdir(), 'fastvideo-docs-jobs-'));
    // As `npm install openai` leaves it.
    await mkdir(join(folder, 'node_modules'));
    await symlink(join(repositoryRoot, 'node_modules/openai'), join(folder, 'node_modules/openai'));
    page = await readFile(join(repositoryRoot, 'docs/jobs.md'), 'utf8');
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs the page's code in a language, with the address of the server, and gives the frames of the film that it wrote. */
  async function framesOf(language: string, program: string, file: string): Promise<number> {
    const [, code = expect.fail(`no ${language}`)] =
      new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(page) ?? [];
    await writeFile(join(folder, file), code.replaceAll('http://127.0.0.1:8000', server.url));
    await rm(join(folder, 'video.mp4'), { force: true });
    await run(program, [file], { cwd: folder });
    return (await probe(await readFile(join(folder, 'video.mp4')))).videoFrames;
  }

  it('write a film in Node', async () => {
    expect(await framesOf('js', process.execPath, 'video.mjs')).toBe(48);
  });

  it('write a film in Python', needs(pythonWithOpenAi), async () => {
    expect(await framesOf('py', pythonWithOpenAi.path ?? 'python3', 'video.py')).toBe(48);
  });
});
