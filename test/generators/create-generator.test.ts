import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createGenerator, resolveBackend } from '../../src/core/generators/create-generator.ts';

describe('Choosing a generator', () => {
  it('takes the embedded network for builtin: paths and the test pattern for mock: paths', () => {
    expect(
      ['builtin:cppn', 'builtin:', 'mock:gradient', 'mock:'].map((path) => resolveBackend(path)),
    ).toEqual(['onnx', 'onnx', 'mock', 'mock']);
  });

  it('lets an explicit backend win over the model path', () => {
    expect(resolveBackend('FastVideo/LTX2-Distilled-Diffusers', 'mock')).toBe('mock');
    expect(resolveBackend('mock:gradient', 'onnx')).toBe('onnx');
  });

  it.each(['FastVideo/LTX2-Distilled-Diffusers', 'exec:./worker', 'builtin:other', ''])(
    'refuses the model path "%s", naming the keys and what would be right',
    async (modelPath) => {
      const refusal = createGenerator({ modelPath });
      await expect(refusal).rejects.toMatchObject({ code: 'start_failed' });
      await expect(refusal).rejects.toThrow(
        /^generator\.model_path ".*" cannot be served: .*"builtin:cppn".*"mock:gradient".*generator\.backend/,
      );
    },
  );

  it('refuses an unknown backend', () => {
    expect(() => resolveBackend('builtin:cppn', 'python')).toThrow(
      /generator\.backend "python".*"onnx".*"mock"/,
    );
  });

  it('hands its options on', async () => {
    const generator = await createGenerator({ modelPath: 'mock:', mock: { audio: false } });
    expect(generator.info.audio).toBeNull();
    const network = await createGenerator({ modelPath: 'builtin:cppn', onnx: { intraOpNumThreads: 2 } });
    expect(network.info.modelId).toBe('builtin:cppn');
    await network.close();
  });

  it('does not load onnxruntime for the test pattern', () => {
    const script = `
      import { createGenerator } from './src/core/generators/create-generator.ts';
      import { createRequire } from 'node:module';
      await createGenerator({ modelPath: 'mock:gradient' });
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('onnxruntime'));
      console.log(loaded());
      await createGenerator({ modelPath: 'builtin:cppn' });
      console.log(loaded());
      process.exit(0);
    `;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const run = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(run.stdout).toBe('false\ntrue\n');
  });
});
