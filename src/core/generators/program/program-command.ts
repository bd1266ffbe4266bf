import { FastVideoError } from '../../base/errors.ts';
import { packagePath } from '../../base/package-path.ts';

export type ProgramBackend = 'exec' | 'python';

/** How a program is started, and what errors call it. */
export interface ProgramCommand {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** The command line of `exec:`. */
  readonly line?: string;
  /** Added to the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
}

const execPrefix = 'exec:';
const pythonDirectory = packagePath('python');

/**
 * The program behind a model path: a command line after `exec:` (run by the shell), or the FastVideo worker in the
 * Python of `FASTVIDEO_PYTHON` (default `python3`). Throws `config_invalid` for an empty command.
 */
export function programCommand(
  backend: ProgramBackend,
  modelPath: string,
  env: NodeJS.ProcessEnv,
): ProgramCommand {
  if (backend === 'python') {
    const python = env.FASTVIDEO_PYTHON ?? 'python3';
    const path = [pythonDirectory, env.PYTHONPATH]
      .filter(Boolean)
      .join(process.platform === 'win32' ? ';' : ':');
    return {
      name: `The FastVideo worker (${python})`,
      command: [python, '-m', 'fastvideo_worker'],
      env: { PYTHONPATH: path, PYTHONUNBUFFERED: '1' },
    };
  }
  const line = (modelPath.startsWith(execPrefix) ? modelPath.slice(execPrefix.length) : modelPath).trim();
  if (line === '') {
    throw new FastVideoError(
      'config_invalid',
      `generator.model_path "${modelPath}" contains no command; write it as "exec:python3 my-worker.py".`,
    );
  }
  const command: readonly [string, ...string[]] =
    process.platform === 'win32' ? ['cmd', '/d', '/s', '/c', line] : ['/bin/sh', '-c', `exec ${line}`];
  return { name: `The worker program "${line}"`, command, line, env: {} };
}
