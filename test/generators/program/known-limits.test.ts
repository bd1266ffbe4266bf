import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knownLimits } from '../../../src/core/generators/program/known-limits.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fastvideo-limits-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const multiple = async (generator: Parameters<typeof knownLimits>[0]) =>
  (await knownLimits(generator)).size_multiple;

describe('knownLimits', () => {
  it('tells LTX-2 by its name, and a refiner by the config', async () => {
    const ltx2 = 'FastVideo/LTX2-Distilled-Diffusers';
    expect(await multiple({ model_path: ltx2 })).toBe(32);
    const refined = (enabled: boolean) => ({ preset_overrides: { refine: { enabled } } });
    expect(await multiple({ model_path: ltx2, pipeline: refined(true) })).toBe(64);
    expect(await multiple({ model_path: ltx2, pipeline: refined(false) })).toBe(32);
    expect(await multiple({ model_path: 'Wan-AI/Wan2.1', pipeline: refined(true) })).toBe(8);
  });

  it('reads the index of a model folder, whatever its name is', async () => {
    expect(await multiple({ model_path: folder })).toBe(8);
    const index = (members: object) => writeFile(join(folder, 'model_index.json'), JSON.stringify(members));
    await index({ _class_name: 'LTX2Pipeline' });
    expect(await multiple({ model_path: folder })).toBe(32);
    await index({ _class_name: 'LTX2Pipeline', fastvideo_refine_enabled: true });
    expect(await multiple({ model_path: folder })).toBe(64);
    await writeFile(join(folder, 'model_index.json'), '{');
    expect(await multiple({ model_path: folder })).toBe(8);
  });
});
