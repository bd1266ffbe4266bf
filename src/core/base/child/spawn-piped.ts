import { type ChildProcessByStdio, type SpawnOptions, spawn } from 'node:child_process';
import { PassThrough, type Readable, type Writable } from 'node:stream';

export type PipedChild = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Starts a program with pipes for its stdin, stdout and stderr. A program that cannot be started is told by the child's
 * `error` event at the next turn, whatever the reason is: this never throws for it.
 */
export function spawnPiped(
  program: string,
  args: readonly string[],
  options: Omit<SpawnOptions, 'stdio' | 'windowsHide'>,
): PipedChild {
  const child = spawn(program, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
  // Without a descriptor left (EMFILE, ENFILE) Node gives a child that has no pipes.
  if (!child.stdin) Object.assign(child, { stdin: closed(), stdout: closed(), stderr: closed() });
  return child as PipedChild;
}

function closed(): PassThrough {
  return new PassThrough().destroy();
}
