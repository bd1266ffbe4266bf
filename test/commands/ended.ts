import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a started command to its end. An `input` of undefined leaves its stdin open. */
export async function ended(child: ChildProcess, input?: string): Promise<Ended> {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  child.stdin?.on('error', () => {});
  if (input !== undefined) child.stdin?.end(input);
  const [code] = await once(child, 'close');
  return { code, ...output };
}
