import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/server-process.ts';
import { sourceArguments } from '../support/source-program.ts';

const program = (failure: string) => `
  import { createLogger } from './src/core/base/log.ts';
  import { unownedFailures } from './src/core/base/unowned-failures.ts';
  const failures = unownedFailures(createLogger({ level: 'info' }));
  const running = setInterval(() => {}, 1000);
  ${failure};
  const code = await failures.happened;
  console.log('ends its work');
  clearInterval(running);
  failures[Symbol.dispose]();
  process.exitCode = failures.exitCode(code === 1 ? 0 : 7);
`;

describe('a failure that no part of the process owns', () => {
  it.each([
    ['a rejection', "Promise.reject(new Error('nobody listens'))"],
    ['an exception', "setImmediate(() => { throw new Error('nobody listens'); })"],
  ])('is logged as a bug, and the process ends its work with exit code 1: %s', async (_, failure) => {
    const run = promisify(execFile)(
      process.execPath,
      [...sourceArguments, '--input-type=module', '-e', program(failure)],
      { cwd: repositoryRoot },
    );
    const ended: unknown = await run.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(ended).toMatchObject({ code: 1, stdout: 'ends its work\n' });
    const { stderr } = ended as { readonly stderr: string };
    expect(stderr).toContain('"error":"nobody listens"');
    expect(stderr).toContain('"stack":"Error: nobody listens');
    expect(stderr).toContain('this is a bug of ours');
  });
});
