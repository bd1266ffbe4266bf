import { copyFile, mkdtemp, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fastTextModel, filterWith, languageModel } from './fixtures.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-safety-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('a safety filter that cannot be loaded', () => {
  it.each([fastTextModel, languageModel])('sees at any length that %s is cut off', async (model) => {
    const path = join(directory, basename(model));
    await copyFile(model, path);
    const { size } = await stat(path);
    for (const share of [0.7, 0.01, 0.00001]) {
      await truncate(path, Math.ceil(size * share));
      await expect(
        filterWith({ classifiers: [{ path, labels: ['en', 'unsafe'] }] }),
        String(share),
      ).rejects.toMatchObject({
        code: 'start_failed',
        message: `The safety classifier ${path} is cut off.`,
      });
    }
  });
});
