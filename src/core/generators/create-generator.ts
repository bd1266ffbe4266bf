import { builtinModels, modelPathProblem } from '../base/config/serve-schema/model-path.ts';
import { FastVideoError } from '../base/errors.ts';
import { withOnnxRuntime } from '../base/onnx-runtime.ts';
import type { Generator } from './generator.ts';

/** What runs in this process. */
export type BuiltinBackend = 'onnx' | 'mock';
/** `exec` and `python` are programs of their own, which speak the worker protocol. */
export type Backend = BuiltinBackend | 'exec' | 'python';

export interface GeneratorSpec {
  readonly backend: BuiltinBackend;
  readonly mock?: {
    /** Milliseconds before the first frame of each segment; default 0. */
    readonly sleepMs?: number;
    /** Whether there is sound; default true. */
    readonly audio?: boolean;
  };
  readonly onnx?: {
    /** Threads of one operator; default 1. */
    readonly intraOpNumThreads?: number;
  };
}

export const backends: readonly Backend[] = ['onnx', 'mock', 'exec', 'python'];

/**
 * What serves a model path: `builtin:…` the embedded network, `mock:…` the test pattern, `exec:COMMAND` that program,
 * anything else (a folder, a model id) FastVideo in Python. An explicit `backend` wins. Throws `config_invalid` for a
 * backend or a built-in model that does not exist.
 */
export function resolveBackend(modelPath: string, backend?: string | null): Backend {
  if (backend != null) {
    const known = backends.find((name) => name === backend);
    if (known) return known;
    throw new FastVideoError(
      'config_invalid',
      `generator.backend "${backend}" is not valid: set it to ${backends.map((name) => `"${name}"`).join(', ')}.`,
    );
  }
  const builtin = builtinModels.get(modelPath);
  if (builtin !== undefined) return builtin;
  const problem = modelPathProblem(modelPath);
  if (problem !== undefined) {
    throw new FastVideoError('config_invalid', `generator.model_path ${problem}, not "${modelPath}".`);
  }
  return modelPath.startsWith('exec:') ? 'exec' : 'python';
}

/** Makes and loads a built-in generator; only the code of the one asked for is loaded. Throws `start_failed`. */
export async function createGenerator(spec: GeneratorSpec): Promise<Generator> {
  switch (spec.backend) {
    case 'onnx': {
      const { createOnnxGenerator } = await withOnnxRuntime(() => import('./onnx/onnx-generator.ts'));
      return createOnnxGenerator(spec.onnx);
    }
    case 'mock': {
      const { createMockGenerator } = await import('./mock/mock-generator.ts');
      return createMockGenerator(spec.mock);
    }
  }
}
