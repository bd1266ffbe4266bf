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

  it('takes a program for exec: paths, and FastVideo for any other model', () => {
    expect(
      ['exec:./worker', 'FastVideo/LTX2-Distilled-Diffusers', '/models/ltx2', ''].map((path) =>
        resolveBackend(path),
      ),
    ).toEqual(['exec', 'python', 'python', 'python']);
  });

  it.each(['builtin:other', 'mock:other'])(
    'refuses the model path "%s", naming what there is',
    (modelPath) => {
      expect(() => resolveBackend(modelPath)).toThrow(
        /^generator\.model_path must be .*"builtin:cppn" or "mock:gradient"/,
      );
    },
  );

  it('refuses an unknown backend', () => {
    expect(() => resolveBackend('builtin:cppn', 'cuda')).toThrow(
      /generator\.backend "cuda".*"onnx".*"mock".*"exec".*"python"/,
    );
  });

  it('hands its options on', async () => {
    const generator = await createGenerator({ backend: 'mock', mock: { audio: false } });
    expect(generator.info.audio).toBeNull();
    const network = await createGenerator({ backend: 'onnx', onnx: { intraOpNumThreads: 2 } });
    expect(network.info.modelId).toBe('builtin:cppn');
    await network.close();
  });

  it('does not load onnxruntime for the test pattern', () => {
    const script = `
      import { createGenerator } from './src/core/generators/create-generator.ts';
      import { createRequire } from 'node:module';
      await createGenerator({ backend: 'mock' });
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('onnxruntime'));
      console.log(loaded());
      await createGenerator({ backend: 'onnx' });
      console.log(loaded());
      process.exit(0);
    `;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const run = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(run.stdout).toBe('false\ntrue\n');
  });
});
