import { FastVideoError } from '../base/errors.ts';
import type { Generator } from './generator.ts';

export type Backend = 'onnx' | 'mock';

export interface GeneratorSpec {
  /** `generator.model_path`: `builtin:cppn` or `mock:gradient`. */
  readonly modelPath: string;
  /** `generator.backend`: `onnx` or `mock`; wins over what the model path says. */
  readonly backend?: string;
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

const backendsByModelPath: ReadonlyMap<string, Backend> = new Map<string, Backend>([
  ['builtin:cppn', 'onnx'],
  ['builtin:', 'onnx'],
  ['mock:gradient', 'mock'],
  ['mock:', 'mock'],
]);

/** What serves a model path. Throws `start_failed` for one that nothing here can serve. */
export function resolveBackend(modelPath: string, backend?: string): Backend {
  if (backend === 'onnx' || backend === 'mock') return backend;
  if (backend !== undefined) {
    throw new FastVideoError(
      'start_failed',
      `generator.backend "${backend}" is not known: set it to "onnx" (the embedded network) or "mock" (a test pattern).`,
    );
  }
  const found = backendsByModelPath.get(modelPath);
  if (found !== undefined) return found;
  throw new FastVideoError(
    'start_failed',
    `generator.model_path "${modelPath}" cannot be served: this version serves "builtin:cppn" and "mock:gradient" ` +
      'only. Set generator.model_path to one of them, or generator.backend to "onnx" or "mock".',
  );
}

/** Makes and loads a generator; only the code of the one asked for is loaded. Throws `start_failed`. */
export async function createGenerator(spec: GeneratorSpec): Promise<Generator> {
  switch (resolveBackend(spec.modelPath, spec.backend)) {
    case 'onnx': {
      const { createOnnxGenerator } = await import('./onnx/onnx-generator.ts');
      return createOnnxGenerator(spec.onnx);
    }
    case 'mock': {
      const { createMockGenerator } = await import('./mock/mock-generator.ts');
      return createMockGenerator(spec.mock);
    }
  }
}
