import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { standIn } from '../contract/python-servers.ts';
import { needs } from '../support/needs.ts';
import { python } from '../support/python.ts';
import { runHere } from './run-here.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fastvideo-check-adapters-'));
  await writeFile(join(folder, 'lora.safetensors'), 'x');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ltx2 = 'FastVideo/LTX2-Distilled-Diffusers';
const check = async (
  model: string,
  adapters: readonly object[],
  more: readonly string[] = [],
  command = 'serve',
) => {
  const list = JSON.stringify(adapters).replaceAll('DIR', folder);
  const args = ['--check', '--generator.model_path', model, '--generator.adapters', list, ...more];
  return await runHere([command, ...args], standIn);
};

describe('--check of adapters', () => {
  it.each([
    [
      'the same name',
      [{ name: 'a' }, { name: 'a' }],
      'generator.adapters.1.name: must be a name that no other adapter has, not "a"',
    ],
    ['the name "none"', [{ name: 'none' }], 'other than "none" (which stands for no adapter), not "none"'],
    ['capitals in a name', [{ name: 'Pixar' }], 'must be of lower-case letters, digits'],
    [
      'two of them as the base',
      [
        { name: 'a', base: true },
        { name: 'b', base: true },
      ],
      'generator.adapters.1.base: must be true for one adapter only (it is for "a")',
    ],
    ['a strength beyond 1', [{ name: 'a', strength: 2 }], 'generator.adapters.0.strength: must be'],
    ['an unknown key', [{ name: 'a', scale: 1 }], 'scale'],
    ['a blank trigger', [{ name: 'a', trigger: ' ' }], 'must be words in one line'],
  ])('refuses %s, for every command', async (_, adapters, problem) => {
    for (const command of ['serve', 'mock']) {
      const { code, stderr } = await check('mock:gradient', adapters, [], command);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(problem) });
    }
  });

  it.each([
    [
      'the embedded network',
      'builtin:cppn',
      [{ name: 'a', path: 'owner/a' }],
      [],
      '"builtin:cppn" takes no adapters',
    ],
    [
      'a path that is missing',
      ltx2,
      [{ name: 'a' }],
      [],
      'generator.adapters[0].path is missing: the adapter "a" needs its weights',
    ],
    [
      'a path that does not exist',
      ltx2,
      [
        { name: 'a', path: 'owner/a' },
        { name: 'b', path: 'DIR/none' },
      ],
      [],
      '/none" does not exist; write a .safetensors file',
    ],
    [
      'a file that does not exist here',
      ltx2,
      [{ name: 'a', path: 'loras/a.safetensors' }],
      [],
      '"loras/a.safetensors" does not exist',
    ],
    ['a path with ~', ltx2, [{ name: 'a', path: '~/a' }], [], 'begins with "~", which is not expanded'],
    [
      'a LoRA that is loaded with the model',
      ltx2,
      [{ name: 'a', path: 'owner/a' }],
      ['--generator.pipeline.components.lora_path', 'owner/b'],
      'would lose it with the first change',
    ],
    [
      'a path of a program that does not exist',
      'exec:cat',
      [{ name: 'a', path: '/none/a' }],
      [],
      '"/none/a" does not exist',
    ],
  ])('refuses %s', async (_, model, adapters, more, problem) => {
    const { code, stderr } = await check(model, adapters, more);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(problem) });
  });

  it.each([
    ['mock:gradient', [{ name: 'a' }]],
    ['exec:cat', [{ name: 'a' }]],
  ])('of %s needs no path', async (model, adapters) => {
    expect(await check(model, adapters)).toMatchObject({ code: 0 });
  });

  it('of FastVideo takes files and ids', needs(python), async () => {
    const adapters = [
      { name: 'a', path: 'DIR/lora.safetensors', base: true, strength: 0.5 },
      { name: 'b', path: 'owner/b', label: 'B', trigger: 'two words', trigger_position: 'prepend' },
    ];
    expect(await check(ltx2, adapters)).toMatchObject({ code: 0 });
  });
});
