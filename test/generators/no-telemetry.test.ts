import { afterEach, describe, expect, it, vi } from 'vitest';
import { withOnnxRuntime } from '../../src/core/base/onnx-runtime.ts';

describe('loading onnxruntime', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    [undefined, '1'],
    ['0', '0'],
  ])('with ORT_DISABLE_TELEMETRY %s has it at %s, which onnxruntime reads', async (before, after) => {
    vi.stubEnv('ORT_DISABLE_TELEMETRY', before);
    expect(await withOnnxRuntime(async () => process.env.ORT_DISABLE_TELEMETRY)).toBe(after);
  });
});
