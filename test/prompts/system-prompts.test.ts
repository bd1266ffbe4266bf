import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtInTexts } from '../../src/core/prompts/system/built-in-texts.ts';
import { loadSystemPrompts } from '../../src/core/prompts/system/system-prompts.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-prompts-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('system prompts', () => {
  it('are the built-in ones without a folder, and for files that are missing or blank', async () => {
    expect(await (await loadSystemPrompts()).current()).toEqual(builtInTexts);
    await writeFile(join(directory, 'enhance.txt'), '\ufeff my own \n');
    await writeFile(join(directory, 'rewrite.txt'), ' \n');
    const prompts = await loadSystemPrompts(directory);
    expect(await prompts.current()).toEqual({ ...builtInTexts, enhance: 'my own' });
    for (const none of ['none', 'enhance.txt/none']) {
      expect(await (await loadSystemPrompts(join(directory, none))).current()).toEqual(builtInTexts);
    }
  });

  it('of a rewrite alone serve prompts that are written from a wish too', async () => {
    await writeFile(join(directory, 'rewrite.txt'), 'both');
    const prompts = await loadSystemPrompts(directory);
    expect(await prompts.current()).toMatchObject({ rewrite: 'both', rewriteUser: 'both' });
    await writeFile(join(directory, 'rewrite_user.txt'), 'from a wish');
    expect(await prompts.current()).toMatchObject({ rewrite: 'both', rewriteUser: 'from a wish' });
    await rm(join(directory, 'rewrite.txt'));
    expect(await prompts.current()).toMatchObject({
      rewrite: builtInTexts.rewrite,
      rewriteUser: 'from a wish',
    });
  });

  it('are read again when a file changes, comes or goes', async () => {
    const prompts = await loadSystemPrompts(directory);
    const path = join(directory, 'auto_extend.txt');
    await writeFile(path, 'one');
    expect((await prompts.current()).autoExtend).toBe('one');
    await writeFile(path, 'other');
    expect((await prompts.current()).autoExtend).toBe('other');
    await rm(path);
    expect((await prompts.current()).autoExtend).toBe(builtInTexts.autoExtend);
    // As Kubernetes swaps them.
    await writeFile(join(directory, 'data'), 'linked');
    await symlink(join(directory, 'data'), path);
    expect((await prompts.current()).autoExtend).toBe('linked');
  });

  it('stop the start when a file cannot be read, but not a server that runs', async () => {
    const prompts = await loadSystemPrompts(directory);
    await mkdir(join(directory, 'enhance.txt'));
    await expect(loadSystemPrompts(directory)).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining(join(directory, 'enhance.txt')),
    });
    expect(await prompts.current()).toEqual(builtInTexts);
    await expect(prompts.reload()).rejects.toMatchObject({ code: 'config_invalid' });
  });

  it('are refused when they are far too long', async () => {
    await writeFile(join(directory, 'enhance.txt'), 'x'.repeat(300_000));
    await expect(loadSystemPrompts(directory)).rejects.toMatchObject({ code: 'config_invalid' });
  });

  it('are saved whole, with a backup of what was there', async () => {
    const folder = join(directory, 'new');
    const prompts = await loadSystemPrompts(folder);
    expect(await prompts.save({ enhance: 'first' })).toEqual({ ...builtInTexts, enhance: 'first' });
    await Promise.all([prompts.save({ enhance: 'second' }), prompts.save({ rewrite: 'third' })]);
    expect(await prompts.current()).toEqual({
      ...builtInTexts,
      enhance: 'second',
      rewrite: 'third',
      rewriteUser: 'third',
    });
    expect((await readdir(folder)).sort()).toEqual(['enhance.txt', 'enhance.txt.bak', 'rewrite.txt']);
    expect(await readFile(join(folder, 'enhance.txt.bak'), 'utf8')).toBe('first\n');
    expect((await prompts.save({ enhance: '' })).enhance).toBe(builtInTexts.enhance);
  });

  it('are kept in memory without a folder', async () => {
    const prompts = await loadSystemPrompts();
    expect(prompts.keptIn).toBe('memory');
    await prompts.save({ enhance: 'x', rewrite: 'y' });
    expect(await prompts.current()).toEqual({ ...builtInTexts, enhance: 'x', rewrite: 'y' });
    expect(await prompts.save({ enhance: '' })).toEqual({ ...builtInTexts, rewrite: 'y' });
  });

  it("are read from the files of FastVideo's product, and saved into these", async () => {
    const name = 'next_segment_system_prompt.md';
    await writeFile(join(directory, name), 'theirs');
    const prompts = await loadSystemPrompts(directory);
    expect((await prompts.current()).enhance).toBe('theirs');
    expect(prompts.sources).toEqual({ enhance: name, autoExtend: null, rewrite: null, rewriteUser: null });
    await prompts.save({ enhance: 'changed' });
    expect((await readdir(directory)).sort()).toEqual([name, `${name}.bak`]);
    await writeFile(join(directory, 'enhance.txt'), 'ours');
    expect((await prompts.current()).enhance).toBe('ours');
    expect(prompts.sources.enhance).toBe('enhance.txt');
  });
});
