import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultWorkerCount, devicesOf, visibleGpus } from '../../src/core/pool/visible-gpus.ts';

describe('visible GPUs', () => {
  it.each([
    ['0,1,2', ['0', '1', '2']],
    [' 3 , GPU-8f2a ', ['3', 'GPU-8f2a']],
    ['0,-1,2', ['0']],
    ['', []],
  ])('are the entries of CUDA_VISIBLE_DEVICES=%j', async (value, expected) => {
    expect(await visibleGpus({ CUDA_VISIBLE_DEVICES: value })).toEqual(expected);
  });

  it('are what nvidia-smi lists, and none where it fails or is missing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fastvideo-gpus-'));
    const tool = join(folder, 'nvidia-smi');
    await writeFile(tool, '#!/bin/sh\nprintf "0\\n1\\n"\n');
    await chmod(tool, 0o755);
    expect(await visibleGpus({ PATH: folder })).toEqual(['0', '1']);
    await writeFile(tool, '#!/bin/sh\necho "No devices were found"; exit 6\n');
    expect(await visibleGpus({ PATH: folder })).toEqual([]);
    await rm(folder, { recursive: true });
    expect(await visibleGpus({ PATH: folder })).toEqual([]);
  });

  it('make one worker for each group, and at least one', () => {
    expect([
      defaultWorkerCount([], 1),
      defaultWorkerCount(['0', '1', '2'], 1),
      defaultWorkerCount(['0', '1', '2'], 2),
      defaultWorkerCount(['0'], 4),
    ]).toEqual([1, 3, 1, 1]);
  });

  it('are given to the workers in order, under the names that they have', () => {
    expect([0, 1].map((index) => devicesOf(index, ['4', '5', '6', '7'], 2))).toEqual(['4,5', '6,7']);
    expect([0, 1].map((index) => devicesOf(index, ['GPU-8f2a'], 1))).toEqual(['GPU-8f2a', '1']);
  });
});
