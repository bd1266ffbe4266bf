import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { endedChildrenCpuMs } from './process-cost.ts';

export interface Cost {
  readonly wallMs: number;
  /** In user and in kernel mode, children included. */
  readonly cpuMs: number;
}

/** Runs a program from a file to a file. No other child of this process may end meanwhile. */
export async function timedRun(
  program: string,
  args: readonly string[],
  inputPath: string,
  outputPath: string,
): Promise<Cost> {
  const input = await open(inputPath, 'r');
  const output = await open(outputPath, 'w');
  try {
    const cpuBefore = endedChildrenCpuMs();
    const startedAt = performance.now();
    const [code] = await once(spawn(program, args, { stdio: [input.fd, output.fd, 'inherit'] }), 'exit');
    const wallMs = performance.now() - startedAt;
    if (code !== 0) throw new Error(`${program} ended with ${code}`);
    return { wallMs, cpuMs: endedChildrenCpuMs() - cpuBefore };
  } finally {
    await input.close();
    await output.close();
  }
}
