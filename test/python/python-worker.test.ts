import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { needs, type Tool } from '../support/needs.ts';
import { fastVideoSource, python } from '../support/python.ts';

const directory = fileURLToPath(new URL('../../python/', import.meta.url));
const anyPython: Tool = { ...python, path: process.env['FASTVIDEO_PYTHON'] ?? 'python3' };

describe('the FastVideo worker', () => {
  it('passes its own tests', needs(python), async () => {
    expect(await unittest(python, 'test_minimal_worker', 'test_parts', 'test_worker')).toMatch(/\nOK\n$/);
  });

  it('uses what FastVideo has', needs(fastVideoSource), async () => {
    expect(await unittest(anyPython, 'test_real_api')).toMatch(/\nOK\n$/);
  });
});

async function unittest({ path = '' }: Tool, ...modules: readonly string[]): Promise<string> {
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
