import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolders } from '../../src/core/base/make-folders.ts';

describe('making a folder', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'make-folders-'));
  });
  afterAll(async () => await rm(root, { recursive: true }));

  it('makes those above it, all with the mode', async () => {
    await makeFolders(join(root, 'a', 'b', 'c'), 0o700);
    for (const path of ['a', 'a/b', 'a/b/c']) {
      expect((await stat(join(root, path))).mode & 0o777).toBe(0o700);
    }
  });

  it('takes one that is there, also by a link', async () => {
    await symlink(root, join(root, 'link'));
    await makeFolders(join(root, 'link'));
    await makeFolders('/');
  });

  it('made by several at once, succeeds for each', async () => {
    const path = join(root, 'shared', 'by', 'all');
    await Promise.all(Array.from({ length: 5 }, async () => await makeFolders(path)));
    expect(existsSync(path)).toBe(true);
  });

  it('fails where a file is in its place or above it', async () => {
    const file = join(root, 'file');
    await writeFile(file, '');
    await expect(makeFolders(file)).rejects.toThrow('EEXIST');
    await expect(makeFolders(join(file, 'below'))).rejects.toThrow('ENOTDIR');
  });

  it.skipIf(!existsSync('/proc/self'))('fails where the file system makes none', async () => {
    await expect(makeFolders('/proc/nothing')).rejects.toThrow('ENOENT');
    await expect(makeFolders('/proc/nothing/below')).rejects.toThrow('ENOENT');
  });
});
