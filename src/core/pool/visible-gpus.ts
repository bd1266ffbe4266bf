import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * The GPUs that this process may use, as `CUDA_VISIBLE_DEVICES` names them: the entries of that variable where it is
 * set (an index below 0 ends the list, as CUDA has it), else what `nvidia-smi` lists. Empty where there is none.
 */
export async function visibleGpus(env: NodeJS.ProcessEnv): Promise<string[]> {
  const listed = env.CUDA_VISIBLE_DEVICES;
  if (listed !== undefined) {
    const names = listed.split(',').map((name) => name.trim());
    const end = names.findIndex((name) => name === '' || name.startsWith('-'));
    return end === -1 ? names : names.slice(0, end);
  }
  try {
    const query = ['--query-gpu=index', '--format=csv,noheader'];
    const { stdout } = await promisify(execFile)('nvidia-smi', query, { env, timeout: 10_000 });
    return stdout
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /^\d+$/.test(line));
  } catch {
    // No driver, no tool, or a tool that finds no device: there is no GPU to use.
    return [];
  }
}

/** Workers where the config names no number: one for each group of `gpusPerWorker` GPUs, at least one. */
export function defaultWorkerCount(gpus: readonly string[], gpusPerWorker: number): number {
  return Math.max(1, Math.floor(gpus.length / gpusPerWorker));
}

/**
 * The value of `CUDA_VISIBLE_DEVICES` for a worker. Without a known GPU the worker gets its own number, so that two
 * workers never share one that was not found here.
 */
export function devicesOf(index: number, gpus: readonly string[], gpusPerWorker: number): string {
  const first = index * gpusPerWorker;
  const numbers = Array.from({ length: gpusPerWorker }, (_, offset) => first + offset);
  return numbers.map((number) => gpus[number] ?? String(number)).join(',');
}
