import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/server-process.ts';
import { sourceArguments } from '../support/source-program.ts';

const program = `
  import { createLogger } from './src/core/base/log.ts';
  import { outliveRejections } from './src/core/base/outlive-rejections.ts';
  const end = outliveRejections(createLogger({ level: 'info' }));
  Promise.reject(new Error('nobody listens'));
  setTimeout(() => {
    console.log('still here');
    end();
    Promise.reject(new Error('the end'));
  }, 1);
`;

describe('a promise that fails with nobody to hear of it', () => {
  it('is logged, and ends the process only when nothing is served any more', async () => {
    const run = promisify(execFile)(
      process.execPath,
      [...sourceArguments, '--input-type=module', '-e', program],
      { cwd: repositoryRoot },
    );
    const failure: unknown = await run.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 1, stdout: 'still here\n' });
    const { stderr } = failure as { readonly stderr: string };
    expect(stderr).toContain('"error":"nobody listens"');
    expect(stderr).toContain('Error: the end');
  });
});
