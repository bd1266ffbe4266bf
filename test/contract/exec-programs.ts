import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { descendantPids } from '../support/child-pids.ts';
import { hangLimitMs } from '../support/hang-limit.ts';
import { repositoryRoot, type ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { statusOf } from './servers.ts';

/** A worker program of `test/support/workers`; what its arguments and prompts do is written there. */
export type Program = 'frames-worker' | 'media-worker';

/** Arguments that make `serve` run the program. */
export function runs(program: Program, ...args: readonly string[]): readonly string[] {
  const path = join(repositoryRoot, 'test/support/workers', `${program}.mjs`);
  return ['--generator.model_path', `exec:"${process.execPath}" "${path}" ${args.join(' ')}`];
}

/** Kills the worker process of the server, and nothing else; the program behind it is left to itself. */
export async function killWorker(server: ServerProcess): Promise<void> {
  process.kill(await workerPid(server), 'SIGKILL');
}

export async function workerPid(server: ServerProcess): Promise<number> {
  const pid = (await statusOf(server)).gpu_status['0']?.['pid'];
  if (typeof pid !== 'number') throw new Error('The worker has no process.');
  return pid;
}

/** The program that the worker process runs. */
export async function programPid(server: ServerProcess): Promise<number> {
  const [pid] = await descendantPids(await workerPid(server));
  if (pid === undefined) throw new Error('The worker runs no program.');
  return pid;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Runs `fastvideo serve` to its end, which has to come by itself. */
export async function failedStart(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: unknown; readonly lastLine: string }> {
  const bin = join(repositoryRoot, 'bin/fastvideo.js');
  const fixed = ['serve', '--server.port', '0', '--streaming.warmup.enabled', 'false'];
  return await new Promise((resolve) => {
    const options = { cwd: '/', env: { ...process.env, ...env }, timeout: hangLimitMs };
    execFile(process.execPath, [bin, ...fixed, ...args], options, (error, _, stderr) => {
      resolve({ code: error === null ? 0 : error.code, lastLine: stderr.trimEnd().split('\n').at(-1) ?? '' });
    });
  });
}

/** It ignores `shutdown`, SIGTERM and the end of stdin, and has a child of its own. */
export const clinging = runs('frames-worker', 'stays', 'forks');

export async function gone(pids: readonly number[]): Promise<void> {
  await waitFor(`end of ${pids.length} processes`, () => pids.every((pid) => !isAlive(pid)));
}
