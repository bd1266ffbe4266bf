import { execFileSync } from 'node:child_process';

const python = process.env['FASTVIDEO_PYTHON'] ?? 'python3';
const remedy = `${python} is no Python 3.10 with numpy: set FASTVIDEO_PYTHON to one that is.`;

/**
 * The Python that tests of the FastVideo worker use: `FASTVIDEO_PYTHON`, else `python3`. Undefined, with the reason
 * printed, where it lacks what the stand-in of FastVideo needs; with `CI=true` that throws, so that a build never
 * passes without these tests.
 */
export function findPython(): string | undefined {
  try {
    const check = 'import sys; assert sys.version_info >= (3, 10); import numpy';
    execFileSync(python, ['-c', check], { stdio: 'ignore' });
    return python;
  } catch {
    if (process.env['CI'] === 'true') throw new Error(remedy);
    console.warn(`Tests of the FastVideo worker are skipped. ${remedy}`);
    return undefined;
  }
}
