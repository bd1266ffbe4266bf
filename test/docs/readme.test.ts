import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/commands/index.ts';
import { runHere } from '../commands/run-here.ts';
import { repositoryRoot, startServer } from '../support/server-process.ts';

const readme = await readFile(join(repositoryRoot, 'README.md'), 'utf8');

describe('README', () => {
  it('has a client that writes a film which ffprobe reads', async () => {
    const [, client = ''] = /```js\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(client).toContain('session_init_v2');
    await using server = await startServer({ command: 'mock' });
    // Below node_modules, so that `ws` is found as it is in a project that has installed it.
    const directory = join(repositoryRoot, 'node_modules/.cache/readme-client');
    await mkdir(directory, { recursive: true });
    try {
      await writeFile(
        join(directory, 'client.mjs'),
        client.replace('127.0.0.1:8000', new URL(server.url).host),
      );
      const { status, stderr } = spawnSync(process.execPath, ['client.mjs'], {
        cwd: directory,
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([0, '']);
      const args = [
        '-v',
        'error',
        '-count_packets',
        '-select_streams',
        'v',
        '-show_entries',
        'stream=nb_read_packets',
        '-of',
        'csv=p=0',
      ];
      const probe = spawnSync('ffprobe', [...args, join(directory, 'film.mp4')], { encoding: 'utf8' });
      expect([probe.stdout.trim(), probe.stderr]).toEqual(['120', '']);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('has a section for each command and lists none that is not built', () => {
    const sections = [...readme.matchAll(/^### `fastvideo (\S+)`$/gm)].map(([, name]) => name);
    expect(sections).toEqual(commands.map(({ name }) => name));
  });

  it('links to pages that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path = '']) => path);
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((path) => !existsSync(join(repositoryRoot, path)))).toEqual([]);
  });
});

describe('--help', () => {
  it.each(commands.map(({ name }) => name))('of %s shows its options and examples', async (name) => {
    const definition = commands.find((command) => command.name === name);
    const { code, stdout } = await runHere([name, '--help']);
    expect(code).toBe(0);
    for (const { flags } of definition?.options ?? []) expect(stdout).toContain(flags);
    for (const example of definition?.examples ?? []) expect(stdout).toContain(example);
  });
});
