import { type PipedChild, spawnPiped } from '../../base/child/spawn-piped.ts';
import { systemErrorCode } from '../../base/errors.ts';

export type PipedProcess = PipedChild;

const groupsExist = process.platform !== 'win32';

/**
 * Starts a program. At the head of a process group of its own its children can be ended with it, and a Ctrl-C in the
 * terminal does not reach them, because it is for the server to decide when they stop.
 */
export function spawnProgram(
  [program, ...args]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
  ownGroup: boolean,
): PipedProcess {
  return spawnPiped(program, args, { env, detached: ownGroup && groupsExist });
}

/** Kills it and, where it heads a group, whatever is left of that. Does nothing when that is nothing. */
export function killProgram(child: PipedProcess, ownGroup: boolean): void {
  if (child.pid === undefined) return;
  if (!ownGroup || !groupsExist) {
    child.kill('SIGKILL');
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // Nothing is left of it (macOS says EPERM for a group whose only member waits to be reaped).
    if (!['ESRCH', 'EPERM'].includes(systemErrorCode(error) ?? '')) throw error;
  }
}
