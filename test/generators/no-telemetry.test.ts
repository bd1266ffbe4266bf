import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/server-process.ts';

const run = promisify(execFile);

describe.each([
  'dist/core/generators/onnx/network.js',
  'dist/core/safety/classifiers/onnx/onnx-classifier.js',
])('%s', (module) => {
  const { ORT_DISABLE_TELEMETRY: _unset, ...env } = process.env;

  async function afterImport(more: Readonly<Record<string, string>>): Promise<string> {
    const code = `await import('./${module}'); process.stdout.write(process.env.ORT_DISABLE_TELEMETRY ?? '')`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], {
      cwd: repositoryRoot,
      env: { ...env, ...more },
    });
    return stdout;
  }

  it('keeps onnxruntime from sending usage data, unless the environment says otherwise', async () => {
    expect(await afterImport({})).toBe('1');
    expect(await afterImport({ ORT_DISABLE_TELEMETRY: '0' })).toBe('0');
  });
});
