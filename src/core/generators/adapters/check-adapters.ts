import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { ServeConfig } from '../../base/config/serve-schema/serve-config.ts';
import { FastVideoError } from '../../base/errors.ts';
import type { Backend } from '../create-generator.ts';

type GeneratorConfig = ServeConfig['generator'];

const pathRemedy = 'write a .safetensors file, a folder, or the id of a repository such as "owner/name"';

/**
 * Throws `config_invalid` where the model cannot have the adapters, as far as that is known before it is loaded: what is
 * behind `exec:` tells it once it is ready.
 */
export function checkAdapters(generator: GeneratorConfig, backend: Backend): void {
  const { adapters = [], model_path: modelPath, pipeline } = generator;
  if (adapters.length === 0 || backend === 'mock') return;
  if (backend === 'onnx') {
    throw invalid(
      `generator.adapters: "${modelPath}" takes no adapters; remove the key, or load a model of FastVideo.`,
    );
  }
  const loraPath = pipeline?.components?.lora_path;
  if (backend === 'python' && loraPath != null) {
    throw invalid(
      `generator.adapters: a model with generator.pipeline.components.lora_path "${loraPath}" would lose it with the first change; make it one of the adapters, with "base: true" and its strength.`,
    );
  }
  for (const [index, { name, path }] of adapters.entries()) {
    const subject = `generator.adapters[${index}].path`;
    if (path !== undefined) checkPath(path, `${subject} "${path}"`);
    else if (backend === 'python')
      throw invalid(`${subject} is missing: the adapter "${name}" needs its weights; ${pathRemedy}.`);
  }
}

/** The id of a repository, and a folder that is named without `./`, look the same; a file does not. */
function checkPath(path: string, subject: string): void {
  if (path.startsWith('~'))
    throw invalid(`${subject} begins with "~", which is not expanded; ${pathRemedy}.`);
  if (!isAbsolute(path) && !/^\.{1,2}\//.test(path) && !path.endsWith('.safetensors')) return;
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  throw invalid(`${subject} does not exist; ${pathRemedy}.`);
}

function invalid(message: string): FastVideoError {
  return new FastVideoError('config_invalid', message);
}
