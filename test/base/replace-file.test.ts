import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, readlink, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceFile, tryReplaceFile } from '../../src/core/base/replace-file.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replace-test-'));
  path = join(folder, 'presets.json');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('a file that is replaced in one step', () => {
  it('holds the new content, and nothing is left beside it', async () => {
    await replaceFile(path, 'old', { mode: 0o600 });
    await replaceFile(path, 'new', { mode: 0o600 });
    expect(await readFile(path, 'utf8')).toBe('new');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['presets.json']);
  });

  it('holds the old content after a failure, and nothing is left beside it', async () => {
    await replaceFile(path, 'old');
    const before = async () => {
      throw new Error('no room');
    };
    await expect(replaceFile(path, 'new', { before })).rejects.toThrow('no room');
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['presets.json']);
  });

  it('takes what a process left that was killed with it, and not what another one is writing', async () => {
    const [left, written] = ['presets.json.1.fastvideo-tmp', 'presets.json.2.fastvideo-tmp'];
    for (const name of [left, written]) await writeFile(join(folder, name), 'half');
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(join(folder, left), longAgo, longAgo);
    await replaceFile(path, 'new');
    expect((await readdir(folder)).sort()).toEqual(['presets.json', written]);
  });
});

describe('a file that is reached over a link, or is no plain file', () => {
  it('keeps the link and replaces what it leads to, over several links too', async () => {
    const target = join(folder, 'target.json');
    await writeFile(target, 'old');
    await symlink('target.json', join(folder, 'between.json'));
    await symlink('between.json', path);
    await replaceFile(path, 'new');
    expect(await readlink(path)).toBe('between.json');
    expect(await readFile(target, 'utf8')).toBe('new');
    expect((await readdir(folder)).sort()).toEqual(['between.json', 'presets.json', 'target.json']);
  });

  it('makes what a link to nothing leads to', async () => {
    await symlink('target.json', path);
    await tryReplaceFile(path);
    await replaceFile(path, 'new');
    expect(await readlink(path)).toBe('target.json');
    expect(await readFile(join(folder, 'target.json'), 'utf8')).toBe('new');
  });

  it('writes into a pipe as it is', async () => {
    execFileSync('mkfifo', [path]);
    await tryReplaceFile(path);
    const read = readFile(path, 'utf8');
    await replaceFile(path, 'new');
    expect(await read).toBe('new');
    expect((await stat(path)).isFIFO()).toBe(true);
    expect(await readdir(folder)).toEqual(['presets.json']);
  });
});
