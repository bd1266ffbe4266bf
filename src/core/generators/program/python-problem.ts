import { alarm } from '../../base/async/deadline.ts';
import { Child } from '../../base/child/child.ts';
import { systemErrorCode } from '../../base/errors.ts';
import type { ProgramCommand } from './program-command.ts';

const longestProbeMs = 30_000;
/** The exit code of a problem that the probe itself tells. */
const told = 3;
/** Imports neither FastVideo nor torch, which takes long. */
const probe = `
import sys
from fastvideo_worker.__main__ import python_problem
problem = python_problem(sys.version_info)
if problem is None:
    from fastvideo_worker.environment import package_problem
    problem = package_problem()
if problem is not None:
    sys.stderr.write(problem + "\\n")
    sys.exit(${told})
`;

/** Why the interpreter cannot run the FastVideo worker, a sentence with the remedy; undefined where it can. */
export async function pythonProblem(
  { command: [python], env: more }: ProgramCommand,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const child = new Child(python, ['-c', probe], { env: { ...env, ...more }, pipeGraceMs: 1000 });
  child.stdin.end();
  child.stdout.resume();
  let isLate = false;
  using _ = alarm(longestProbeMs, () => {
    isLate = true;
    child.kill();
  });
  const exit = await child.exited;
  const cannot = (why: string) =>
    `The Python "${python}" cannot run the FastVideo worker: ${why}. Set FASTVIDEO_PYTHON to one that has the package fastvideo.`;
  if (exit.startError) {
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such program',
      EACCES: 'it may not be executed',
    };
    return cannot(reasons[systemErrorCode(exit.startError) ?? ''] ?? exit.startError.message);
  }
  if (exit.code === 0) return undefined;
  if (isLate) return cannot(`it did not answer within ${longestProbeMs / 1000} s`);
  const said = child.stderr.lines.at(-1) ?? `it ended with ${exit.signal ?? `exit code ${exit.code}`}`;
  return exit.code === told ? said : cannot(said.replace(/\.$/, ''));
}
