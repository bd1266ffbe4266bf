import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/commands/index.ts';
import { needs } from '../support/needs.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { runHere } from './run-here.ts';

const folders = (process.env.PATH ?? '').split(delimiter);
const groff = {
  path: folders.map((folder) => join(folder, 'groff')).find((path) => existsSync(path)),
  remedy: 'groff is not installed, so the manual page was not set (apt-get install groff).',
};

const { stdout: page } = await runHere(['man']);

describe('the manual page', () => {
  it('is the one in the package', async () => {
    const manifest = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8')) as {
      man: string;
    };
    expect(await readFile(join(repositoryRoot, manifest.man), 'utf8')).toBe(page);
  });

  it('is set by groff without a warning and shows every command, option and example', needs(groff), () => {
    const { stderr, status } = spawnSync('groff', ['-man', '-Tutf8', '-ww'], {
      input: page,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    const args = ['-man', '-Tascii', '-P-cbou', '-rLL=2000n'];
    const text = execFileSync('groff', args, { input: page, encoding: 'utf8' });
    for (const { name, options, exitCodes, examples } of commands) {
      expect(text).toContain(`fastvideo ${name}`);
      const own = text.slice(text.indexOf(`fastvideo ${name}`));
      for (const [code, meaning] of exitCodes) {
        const words = `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`;
        expect(own.replaceAll(/\s+/g, ' ')).toContain(` ${code} ${words}`);
      }
      for (const { flags } of options) expect(text).toContain(flags);
      for (const example of examples) expect(text).toContain(example.replaceAll('…', '...'));
    }
  });
});
