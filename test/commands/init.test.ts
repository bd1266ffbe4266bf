import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startServer } from '../support/server-process.ts';
import { runHere } from './run-here.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-init-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** The config that `--print-config` prints, without what is unset. */
async function effective(command: string, ...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await runHere([command, ...args, '--print-config']);
  expect([code, stderr]).toEqual([0, '']);
  return withoutUnset(parse(stdout));
}

function withoutUnset(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withoutUnset(inner)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== null && !isDeepStrictEqual(inner, {})));
}

describe.each(['serve', 'router'])('init %s', (command) => {
  it('writes a file that the command accepts', async () => {
    const path = join(directory, 'config.yaml');
    expect(await runHere(['init', command, '--output', path])).toEqual({
      code: 0,
      stdout: '',
      stderr: `Wrote ${path}. Start with: fastvideo ${command} --config ${path}\n`,
    });
    expect((await runHere([command, '--config', path, '--check'])).code).toBe(0);
  });

  it('has the defaults behind its comments', async () => {
    const path = join(directory, 'config.yaml');
    await runHere(['init', command, '--output', path]);
    const asWritten = await effective(command, '--config', path);
    const text = await readFile(path, 'utf8');
    const set = text.replace(/^( *)#(\w+:.*)$/gm, '$1$2');
    expect(set).not.toBe(text);
    await writeFile(path, set);
    expect(await effective(command, '--config', path)).toEqual(asWritten);
  });

  it('replaces a file only with --force', async () => {
    const path = join(directory, 'config.yaml');
    await writeFile(path, 'mine');
    const refused = await runHere(['init', command, '-o', path]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`${path} exists already; replace it with --force`);
    expect(await readFile(path, 'utf8')).toBe('mine');
    expect((await runHere(['init', command, '-o', path, '--force'])).code).toBe(0);
    expect(await readFile(path, 'utf8')).toContain(`fastvideo ${command} --config`);
  });
});

describe('init', () => {
  it('means what serve does without a file', async () => {
    const path = join(directory, 'serve.yaml');
    await runHere(['init', '-o', path]);
    expect(await effective('serve', '--config', path)).toEqual(await effective('serve'));
  });

  it.each([
    ['x.json', 'JSON has no comments for the descriptions'],
    ['X.JSON', 'JSON has no comments for the descriptions'],
    ['x.mjs', 'it would be run as code'],
  ])('refuses to write YAML to %s', async (name, why) => {
    const path = join(directory, name);
    const { code, stderr } = await runHere(['init', '-o', path]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `fastvideo: --output ${path} cannot be written as ${name.slice(1)}: ${why}; name a file that ends in .yaml.\n`,
    });
    await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is told apart from the files that are searched for', async () => {
    const { stdout } = await runHere(['serve', '--help']);
    const help = stdout.replaceAll(/\s+/g, ' ');
    expect(help).toContain(
      'Without it the first of these in the working directory: fastvideo.config.yaml, .yml or .json, .fastvideorc,',
    );
    expect(help).toContain('~/.config/fastvideo/config');
  });

  it('tells a command that a shell can run', async () => {
    const path = join(directory, "it's mine.yaml");
    const { stderr } = await runHere(['init', '-o', path]);
    expect(stderr).toContain(`fastvideo serve --config '${path.replace("'", "'\\''")}'\n`);
  });

  it('writes to stdout for -', async () => {
    const { code, stdout } = await runHere(['init', 'router', '-o', '-']);
    expect(code).toBe(0);
    expect(stdout).toContain('    - url: http://127.0.0.1:8000\n');
  });

  it('writes no file for a command that has none', async () => {
    const { code, stderr } = await runHere(['init', 'encode']);
    expect(code).toBe(2);
    expect(stderr).toContain('"encode" is not a valid command; use serve or router.');
  });

  it('writes a file that serve starts with', async () => {
    const path = join(directory, 'serve.yaml');
    await runHere(['init', 'serve', '-o', path]);
    await using server = await startServer({
      command: 'serve',
      args: ['--config', path, '--server.port', '0'],
    });
    expect((await fetch(new URL('/healthz', server.url))).status).toBe(200);
  });
});
