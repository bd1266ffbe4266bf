import { join } from 'node:path';
import { repositoryRoot } from '../support/server-process.ts';

/** The model path of a program among the workers for tests. */
export function program(name: string, ...args: readonly string[]): string {
  const path = join(repositoryRoot, 'test/support/workers', `${name}.mjs`);
  return `exec:"${process.execPath}" "${path}" ${args.join(' ')}`.trimEnd();
}
