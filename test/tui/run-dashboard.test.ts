import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { FastVideoError } from '../../src/core/base/errors.ts';
import { runDashboard } from '../../src/tui/run-dashboard.ts';
import type { StatusSource } from '../../src/tui/source/status-source.ts';
import { quietStatus } from './sample-status.ts';

function run(read: StatusSource['read'], json = false) {
  const stdout = new PassThrough();
  const exit = runDashboard({
    source: { label: 'this server', read },
    stdin: process.stdin,
    // Not a terminal, as in a pipe.
    stdout: stdout as unknown as NodeJS.WriteStream,
    intervalMs: 1000,
    env: {},
    json,
  });
  return { stdout, exit };
}

describe('runDashboard', () => {
  it('takes its status from a function of the same process', async () => {
    const { stdout, exit } = run(async () => quietStatus());
    expect(await exit).toBe(0);
    expect(String(stdout.read())).toContain(
      'fastvideo 0.1.0  LTX2-Distilled-Diffusers  this server  up 1m 15s  1/1 ready',
    );
  });

  it('escapes in JSON what would steer a terminal', async () => {
    const { stdout, exit } = run(async () => quietStatus({ service: '\x1b[31m\x9b31m' }), true);
    expect(await exit).toBe(0);
    const text = String(stdout.read());
    expect(text).toContain('\\u001b[31m\\u009b31m');
    expect(JSON.parse(text)).toMatchObject({ service: '\x1b[31m\x9b31m' });
  });

  it('names the source that it cannot read', async () => {
    const { exit } = run(async () => {
      throw new FastVideoError('upstream_timeout', 'connection refused');
    });
    await expect(exit).rejects.toThrow('this server cannot be reached: connection refused.');
  });
});
