import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runHere } from '../commands/run-here.ts';
import { needs } from '../support/needs.ts';
import { fastVideoSource } from '../support/python.ts';
import { repositoryRoot } from '../support/server-process.ts';

const page = (name: string) => readFileSync(join(repositoryRoot, 'docs', name), 'utf8');
const migrating = page('migrating-from-fastvideo.md');
const operators = page('fastvideo.md');

/** The cells of all rows below a heading. */
function rowsOf(text: string, heading: string): string[][] {
  const [, section = ''] = text.split(`\n## ${heading}\n`);
  const rows = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
}

const codesOf = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
/** Words as a shell tells them apart, in so far as the pages need it. */
const wordsOf = (line: string) =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );

/** All that the files below a folder say. */
function textBelow(folder: string, ending: string): string {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = paths.filter((path) => path.endsWith(ending) && !path.includes('benchmarks'));
  return files.map((path) => readFileSync(join(folder, path), 'utf8')).join('\n');
}

async function expectCommand(line: string): Promise<void> {
  const [program, command = '', ...rest] = wordsOf(line);
  expect(program).toBe('fastvideo');
  const { code, stdout } = await runHere([command, '--help']);
  expect({ command, code }).toEqual({ command, code: 0 });
  for (const word of rest)
    if (/^--?[a-z]/.test(word)) expect(stdout).toMatch(new RegExp(`(^|[ ,])${word}\\b`, 'm'));
}

describe('docs/migrating-from-fastvideo.md', () => {
  const variables = rowsOf(migrating, 'Variables of Dreamverse');

  it('names commands and options that exist', async () => {
    const lines = rowsOf(migrating, 'Commands').flatMap(([, here = '']) => codesOf(here));
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines) await expectCommand(line);
  });

  it('names keys that `serve` takes, with values that it takes', async () => {
    const args = variables.flatMap(([, here = '']) =>
      codesOf(here)
        .filter((code) => code.startsWith('--'))
        .flatMap(wordsOf),
    );
    expect(args.length).toBeGreaterThan(50);
    const { code, stdout, stderr } = await runHere(['serve', '--print-config', ...args]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const arg of args) if (arg.startsWith('--')) expect(stdout).toContain(`# ${arg}`);
  });

  it('names all keys of ours by their paths', async () => {
    const keys = rowsOf(migrating, 'Config files').flatMap((cells) =>
      codesOf(cells.join(' ')).filter((code) => /^(server|streaming|generator|default_request)\./.test(code)),
    );
    expect(keys.length).toBeGreaterThan(8);
    const configuration = page('configuration.md');
    for (const key of keys) expect(configuration).toContain(`\`${key}`);
  });

  it('names every variable that Dreamverse reads, and no other', needs(fastVideoSource), () => {
    const source = textBelow(join(fastVideoSource.path ?? '', 'dreamverse'), '.py');
    const read = [
      ...source.matchAll(
        /(?:getenv|environ\.get|_env_\w+|_optional_env|environ\[)[([]?\s*"([A-Z][A-Z0-9_]+)"/g,
      ),
    ].map(([, name = '']) => name);
    expect(read.length).toBeGreaterThan(40);
    // Where a desktop keeps state is no setting of a server.
    const missing = read.filter((name) => name !== 'XDG_STATE_HOME' && !migrating.includes(name));
    expect(missing).toEqual([]);
    const named = codesOf(migrating.replace(/^```.*?^```$/gms, '')).flatMap(
      (code) => code.match(/^[A-Z][A-Z0-9_]{6,}/) ?? [],
    );
    expect(named.filter((name) => name !== 'FASTVIDEO_PYTHON' && !source.includes(name))).toEqual([]);
  });
});

describe('docs/fastvideo.md', () => {
  it('names errors that exist', () => {
    const ours = ['python/fastvideo_worker', 'src/core', 'src/commands'].map((folder) =>
      textBelow(join(repositoryRoot, folder), folder.startsWith('python') ? '.py' : '.ts'),
    );
    const source = ours.join('\n');
    const messages = rowsOf(operators, 'Errors').flatMap(([message = '']) => codesOf(message));
    expect(messages.length).toBeGreaterThan(12);
    const pieces = messages.flatMap((message) => message.split('…')).map((piece) => piece.trim());
    expect(pieces.filter((piece) => !source.includes(piece))).toEqual([]);
  });

  it('names commands and options that exist', async () => {
    const blocks = [...operators.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].map(([, text = '']) => text);
    const lines = blocks.flatMap((text) => text.split('\n').map((line) => line.trim()));
    const own = lines.filter((line) => line.startsWith('fastvideo '));
    expect(own.length).toBeGreaterThan(2);
    for (const line of own) await expectCommand(line);
  });
});
