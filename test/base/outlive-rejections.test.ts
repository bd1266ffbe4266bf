import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/server-process.ts';

const program = `
  import { createLogger } from './dist/core/base/log.js';
  import { outliveRejections } from './dist/core/base/outlive-rejections.js';
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
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      cwd: repositoryRoot,
    });
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
