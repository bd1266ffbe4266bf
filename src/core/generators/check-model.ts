import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { ServeConfig } from '../base/config/serve-schema/serve-config.ts';
import { FastVideoError } from '../base/errors.ts';
import { checkAdapters } from './adapters/check-adapters.ts';
import { resolveBackend } from './create-generator.ts';
import { programProblem } from './program/command-program.ts';
import { programCommand } from './program/program-command.ts';
import { pythonProblem } from './program/python-problem.ts';

type GeneratorConfig = ServeConfig['generator'];

const modelRemedy = 'write the folder of a model, or a model id such as "FastVideo/LTX2-Distilled-Diffusers"';

/**
 * Throws `config_invalid` where no worker could load the model, as far as can be seen without loading it: the program
 * behind `exec:`, the Python and its package, the files that are named by their path, the adapters.
 */
export async function checkModel(generator: GeneratorConfig, env: NodeJS.ProcessEnv): Promise<void> {
  const backend = resolveBackend(generator.model_path, generator.backend);
  checkAdapters(generator, backend);
  if (backend !== 'exec' && backend !== 'python') return;
  const command = programCommand(backend, generator.model_path, env);
  if (backend === 'exec') {
    const problem = programProblem(command.line ?? '', env);
    if (problem === undefined) return;
    throw invalid(
      `generator.model_path "${generator.model_path}" cannot be run: ${problem}. Name a program after "exec:".`,
    );
  }
  checkModelFolder(generator.model_path);
  checkComponents(generator);
  const problem = await pythonProblem(command, env);
  if (problem !== undefined) throw invalid(problem);
}

/** An id of a model, and a folder that is named without `./`, look the same. */
function checkModelFolder(path: string): void {
  const subject = `generator.model_path "${path}"`;
  if (path.startsWith('~'))
    throw invalid(`${subject} begins with "~", which is not expanded; ${modelRemedy}.`);
  if (!isAbsolute(path) && !/^\.{1,2}\//.test(path)) return;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw invalid(`${subject} does not exist; ${modelRemedy}.`);
  if (!found.isDirectory()) throw invalid(`${subject} is not a folder; ${modelRemedy}.`);
}

function checkComponents({ pipeline }: GeneratorConfig): void {
  for (const [key, path] of Object.entries(pipeline?.components ?? {})) {
    if (typeof path !== 'string' || !isAbsolute(path)) continue;
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) continue;
    const subject = `generator.pipeline.components.${key} "${path}"`;
    throw invalid(`${subject} does not exist; write the path of a file or folder that is there.`);
  }
}

function invalid(message: string): FastVideoError {
  return new FastVideoError('config_invalid', message);
}
