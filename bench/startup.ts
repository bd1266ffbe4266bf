import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '../test/support/server-process.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

/** `fastvideo --help` against an empty Node program, alternating. */
export async function benchStartup(): Promise<void> {
  const times: Record<'node' | 'help', number[]> = { node: [], help: [] };
  for (let run = 0; run < 25; run += 1) {
    times.node.push(timeOf(['-e', '0']));
    times.help.push(timeOf([join(repositoryRoot, 'bin/fastvideo.js'), '--help']));
  }
  const [node, help] = [median(times.node), median(times.help)];
  printTable(
    'Start-up (median ms)',
    ['node -e 0', 'fastvideo --help', 'ratio'],
    [[node.toFixed(1), help, help / node]],
  );
}

function timeOf(args: readonly string[]): number {
  const startedAt = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  return performance.now() - startedAt;
}
