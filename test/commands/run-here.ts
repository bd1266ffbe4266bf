import { vi } from 'vitest';
import { main } from '../../src/cli.ts';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the command line in this process, which is many times cheaper than a process of its own: for what it refuses before
 * it reads stdin, and for what it prints at once.
 */
export async function runHere(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const output = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text, ...rest) => {
      output[name] += String(text);
      const done = rest.find((one) => typeof one === 'function');
      done?.();
      return true;
    }),
  );
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  try {
    const exitNow = () => {
      throw new Error('A second signal has come.');
    };
    return { code: await main(args, { exitNow }), ...output };
  } finally {
    vi.unstubAllEnvs();
    for (const spy of spies) spy.mockRestore();
  }
}
