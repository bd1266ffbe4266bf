import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { needs } from '../support/needs.ts';
import { fastVideoSource, python } from '../support/python.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { runHere } from './run-here.ts';

const tests = join(repositoryRoot, 'python/tests');
const standIn = join(tests, 'stand_in');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fastvideo-check-package-'));
});
afterAll(() => rm(folder, { recursive: true }));

const model = ['--generator.model_path', 'FastVideo/LTX2-Distilled-Diffusers'];

async function check(path: string, args: readonly string[]) {
  return await runHere(['serve', '--check', ...args], {
    FASTVIDEO_PYTHON: python.path,
    PYTHONPATH: path,
    PYTHONDONTWRITEBYTECODE: '1',
    CEREBRAS_API_KEY: 'none',
  });
}

describe('`fastvideo serve --check` with the package at hand', needs(python), () => {
  it('says in the words of the package what it refuses, a line for each block, and ends with 2', async () => {
    const preset = ['--generator.pipeline.preset', 'ltx2_two_stage'];
    const stages = ['--default_request.stage_overrides.refine.image_crf', '3'];
    const { code, stderr } = await check(standIn, [...model, ...preset, ...stages]);
    const [first, second, ...others] = stderr.trimEnd().split('\n');
    expect({ code, others }).toEqual({ code: 2, others: [] });
    expect(first).toMatch(/refuses generator: .* does not support pipeline\.preset yet\.$/);
    expect(second).toMatch(/refuses default_request\.stage_overrides\.refine: unknown stage/);
  });

  it('takes what the package takes', async () => {
    expect(await check(standIn, model)).toMatchObject({ code: 0 });
  });

  it('tells how the package failed where it cannot be asked, and ends with 1', async () => {
    await mkdir(join(folder, 'fastvideo'));
    await writeFile(join(folder, 'fastvideo/__init__.py'), 'raise ImportError("libcudart.so.13 is missing")');
    expect(await check(folder, model)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/ended with exit code 1: ImportError: libcudart\.so\.13 is missing\n$/),
    });
  });
});

describe("FastVideo's own package", needs(python, fastVideoSource), () => {
  // Names alone stand in for torch and the other packages that it computes with.
  const real = [join(tests, 'without_torch'), fastVideoSource.path ?? ''].join(delimiter);

  it('takes every shipped config, and every example of the docs, that names a model of its own', async () => {
    const examples = [...(await shippedConfigs()), ...(await documentedConfigs())];
    const names = examples.map(({ name }) => name);
    expect(names).toContain('configs/serve-ltx2.yaml');
    expect(names).toContain('deploy/kubernetes/components/gpu/config/serve.yaml');
    expect(names.filter((name) => name.startsWith('docs/')).length).toBeGreaterThan(1);
    const file = join(folder, 'example.yaml');
    for (const { name, text } of examples) {
      await writeFile(file, text);
      expect({ name, ...(await check(real, ['--config', file])) }).toMatchObject({ name, code: 0 });
    }
  });

  it.each([
    ['a preset', ['--generator.pipeline.preset', 'ltx2_distilled'], 'does not support pipeline.preset yet'],
    ['a key', ['--generator.engine.attention.backend', 'FLASH'], 'generator.engine.attention: unknown field'],
    ['a value', ['--generator.engine.quantization.transformer_quant', 'INT3'], 'method: INT3'],
    ['a stage', ['--default_request.stage_overrides.sr.guidance_scale', '3'], "valid stages: ['denoise']"],
  ])('has its refusal of %s told', async (_, args, words) => {
    const { code, stderr } = await check(real, [...model, ...args]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^fastvideo: fastvideo 0\.\d+\.\d+ refuses /),
    });
    expect(stderr).toContain(words);
  });
});

interface Example {
  readonly name: string;
  readonly text: string;
}

async function shippedConfigs(): Promise<readonly Example[]> {
  const examples: Example[] = [];
  for (const top of ['configs', 'deploy']) {
    for (const path of await readdir(join(repositoryRoot, top), { recursive: true })) {
      if (!/\.ya?ml$/.test(path)) continue;
      const name = join(top, path);
      const text = await readFile(join(repositoryRoot, name), 'utf8');
      if (namesModel(text)) examples.push({ name, text });
    }
  }
  return examples;
}

/** The blocks of YAML of all pages, fenced or indented. */
async function documentedConfigs(): Promise<readonly Example[]> {
  const examples: Example[] = [];
  for (const path of await readdir(join(repositoryRoot, 'docs'))) {
    if (!path.endsWith('.md')) continue;
    const page = await readFile(join(repositoryRoot, 'docs', path), 'utf8');
    const fenced = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
    const indented = [...page.matchAll(/^ {4}generator:\n(?: {4,}.*\n)+/gm)].map(([text]) =>
      text.replace(/^ {4}/gm, ''),
    );
    for (const text of [...fenced, ...indented])
      if (namesModel(text)) examples.push({ name: `docs/${path}`, text });
  }
  return examples;
}

function namesModel(text: string): boolean {
  if (!/^ {2}model_path:/m.test(text)) return false;
  const { generator } = parse(text) as { readonly generator?: { readonly model_path?: string } };
  return !/^(builtin|mock|exec):/.test(generator?.model_path ?? 'builtin:');
}
