import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { calm, fastTextModel } from '../safety/fixtures.ts';
import { descendantPids } from '../support/child-pids.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ended } from './ended.ts';

const bin = join(repositoryRoot, 'bin/fastvideo.js');
export const withFastText = ['--classifier', fastTextModel];

/** The built command as a process. */
export function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, [bin, 'safety-check', ...args], { env: { ...process.env, ...env } });
}

export const check = (args: readonly string[], input?: string, env?: Readonly<Record<string, string>>) =>
  ended(start(args, env), input);

export const decisions = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Waits until the classifiers' process has answered a line and sleeps; gives its id. */
async function stopped(child: ChildProcess): Promise<number> {
  const answer = child.stdout && once(child.stdout, 'data');
  child.stdin?.write(`${calm}\n`);
  await answer;
  const [pid = 0] = await descendantPids(child.pid ?? 0);
  process.kill(pid, 'SIGSTOP');
  return pid;
}

/** What a process has written so far to whatever it writes to, in bytes, as Linux counts it. */
async function bytesWritten(pid: number): Promise<number> {
  const [, count] = /^wchar: (\d+)$/m.exec(await readFile(`/proc/${pid}/io`, 'utf8')) ?? [];
  return Number(count);
}

/** Of two lines the second one is with the classifiers when these are killed. */
export async function expectFate(
  onUnavailable: 'block' | 'allow',
  code: number,
  fate: string,
): Promise<void> {
  const child = start(['--pass', '--on-unavailable', onUnavailable, ...withFastText]);
  const result = ended(child);
  const pid = await stopped(child);
  const before = await bytesWritten(child.pid ?? 0);
  // Longer than all else that it may write meanwhile.
  const second = `${calm} again `.repeat(100);
  child.stdin?.end(`${second}\n`);
  const handedOver = async () => (await bytesWritten(child.pid ?? 0)) - before > second.length;
  await waitFor('batch that is handed over', handedOver);
  process.kill(pid, 'SIGKILL');
  expect(await result).toEqual({
    code,
    stdout: onUnavailable === 'allow' ? `${calm}\n${second}\n` : `${calm}\n`,
    stderr: `fastvideo: 1 of 2 prompts could not be checked and were ${fate}: The classifiers' process ended with SIGKILL.\n`,
  });
}
