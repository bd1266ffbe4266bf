import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Tool } from '../support/needs.ts';

const directory = fileURLToPath(new URL('../../python/', import.meta.url));

/** Runs modules of python/tests and gives what they print. Throws with that when one fails. */
export async function unittest({ path = '' }: Tool, ...modules: readonly string[]): Promise<string> {
  const names = modules.map((name) => `tests.${name}`);
  const { stderr } = await promisify(execFile)(path, ['-m', 'unittest', '-v', ...names], {
    cwd: directory,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    maxBuffer: 2 ** 24,
  }).catch((error: { stderr: string }) => {
    throw new Error(error.stderr);
  });
  return stderr;
}
