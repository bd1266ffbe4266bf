import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'vitest';
import { repositoryRoot } from '../support/server-process.ts';
import { startStandInProvider } from '../support/stand-in-provider.ts';
import { ended } from './ended.ts';

const bin = join(repositoryRoot, 'bin/fastvideo.js');

/** The built command as a process. */
export function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const { CEREBRAS_API_KEY: _, GROQ_API_KEY: __, ...rest } = process.env;
  return spawn(process.execPath, [bin, 'enhance', ...args], { env: { ...rest, ...env } });
}

export const enhance = (args: readonly string[], input?: string, env?: Readonly<Record<string, string>>) =>
  ended(start(args, env), input);

/** So many lines come back in order, up to sixteen of them at the provider at once. */
export async function expectOrderOf(count: number): Promise<void> {
  await using provider = await startStandInProvider();
  provider.reply(async ({ index, user }) => {
    if (index % 7 === 0) await nextTurn();
    return { kind: 'answer', content: `better:\n${user}` };
  });
  const lines = Array.from({ length: count }, (_, index) => `prompt ${index}`);
  const args = ['--base-url', provider.baseUrl, '--concurrency', '16'];
  const { code, stdout, stderr } = await enhance(args, `${lines.join('\n')}\n`);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.split('\n')).toEqual([...lines.map((line) => `better: ${line}`), '']);
  expect(provider.calls).toHaveLength(count);
  expect(provider.mostAtOnce).toBeGreaterThan(1);
  expect(provider.mostAtOnce).toBeLessThanOrEqual(16);
}
