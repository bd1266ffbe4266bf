import { vi } from 'vitest';
import { main } from '../../src/cli.ts';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the command line in this process, which is many times cheaper than a process of its own: for what it refuses, and
 * for what it makes of its arguments. Not for what it reads from stdin.
 */
export async function runHere(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
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
  const listeners = process.stdout.listeners('error');
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  try {
    const exitNow = () => {
      throw new Error('A second signal has come.');
    };
    return { code: await main(args, { exitNow }), ...output };
  } finally {
    vi.unstubAllEnvs();
    // A command leaves one for the rest of its process, which goes on here.
    for (const listener of process.stdout.listeners('error')) {
      if (!listeners.includes(listener)) process.stdout.off('error', listener as () => void);
    }
    for (const spy of spies) spy.mockRestore();
  }
}
