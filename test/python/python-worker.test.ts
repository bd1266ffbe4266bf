import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const python = process.env.FASTVIDEO_PYTHON ?? 'python3';
const directory = fileURLToPath(new URL('../../python/', import.meta.url));

/** Why the tests of the Python worker cannot run here, or undefined. */
function missing(): string | undefined {
  try {
    execFileSync(python, ['-c', 'import sys; assert sys.version_info >= (3, 10); import numpy'], {
      stdio: 'ignore',
    });
    return undefined;
  } catch {
    return `${python} is no Python 3.10 with numpy; set FASTVIDEO_PYTHON to one that is`;
  }
}

const reason = missing();
const optional = reason !== undefined && process.env.CI !== 'true';
if (optional) console.warn(`The tests of the Python worker are skipped: ${reason}.`);

describe.skipIf(optional)('the FastVideo worker', () => {
  it('passes its own tests, those against an installed FastVideo included', async () => {
    expect(reason).toBeUndefined();
    const { stderr } = await promisify(execFile)(
      python,
      ['-m', 'unittest', 'discover', '-v', '-s', 'tests', '-t', '.'],
      { cwd: directory, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }, maxBuffer: 2 ** 24 },
    ).catch((error: { stderr: string }) => {
      throw new Error(error.stderr);
    });
    expect(stderr).toMatch(/\nOK( \(skipped=1\))?\n$/);
    const skipped = stderr.split('\n').filter((line) => line.includes('... skipped'));
    for (const line of skipped) console.warn(line);
  }, 180_000);
});
