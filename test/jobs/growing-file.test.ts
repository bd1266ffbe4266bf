import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GrowingFile } from '../../src/core/jobs/growing-file.ts';

const never = new AbortController().signal;

describe('GrowingFile', () => {
  let directory: string;
  let file: GrowingFile;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fastvideo-growing-'));
    file = new GrowingFile(join(directory, 'file'));
  });
  afterEach(async () => {
    await file.end();
    await rm(directory, { recursive: true });
  });

  async function all(): Promise<string> {
    const pieces: Uint8Array[] = [];
    for await (const piece of file.read(never)) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  }

  it('gives each reader all of it, whenever he comes', async () => {
    const early = all();
    await file.create();
    await file.append(Buffer.from('one '));
    const between = all();
    await file.append(Buffer.from('two'));
    await file.end();
    expect([await early, await between, await all()]).toEqual(['one two', 'one two', 'one two']);
    expect(file.bytes).toBe(7);
  });

  it('gives what is there before it throws why there is no more', async () => {
    await file.create();
    await file.append(Buffer.from('one'));
    await file.end({ error: new Error('the worker died') });
    const pieces: string[] = [];
    const read = async () => {
      for await (const piece of file.read(never)) pieces.push(Buffer.from(piece).toString());
    };
    await expect(read()).rejects.toThrow('the worker died');
    expect(pieces).toEqual(['one']);
  });

  it('tells a reader of a file that was never begun why', async () => {
    const reader = all();
    await file.end({ error: new Error('the disk is full') });
    await expect(reader).rejects.toThrow('the disk is full');
  });

  it('lets a reader go who waits', async () => {
    await file.create();
    const gone = new AbortController();
    const next = file.read(gone.signal).next();
    gone.abort(new Error('gone'));
    await expect(next).rejects.toThrow('gone');
  });
});
