import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hangLimitMs } from '../support/hang-limit.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { filtered, safetyTests } from './safety-tests.ts';
import { quick, sharedServers } from './servers.ts';

safetyTests(sharedServers(), 'mock');

describe('a safety filter that is switched on but cannot load', () => {
  const start = (...args: string[]) =>
    spawnSync(
      process.execPath,
      [join(repositoryRoot, 'bin/fastvideo.js'), 'serve', '--server.port', '0', ...quick, ...args],
      { encoding: 'utf8', timeout: hangLimitMs },
    );

  it('stops the start with one line that names the file', () => {
    const { status, stderr } = start(...filtered.slice(0, 3), '/no/such/model.bin');
    expect(status).toBe(2);
    expect(stderr.trim().split('\n').at(-1)).toMatch(/^fastvideo: .*\/no\/such\/model\.bin/);
  });
});
