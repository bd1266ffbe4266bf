import { execFile, spawnSync } from 'node:child_process';
import { cpSync, existsSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/server-process.ts';
import { copied } from './build-context.ts';
import { read, textAt } from './deployed.ts';

const run = promisify(execFile);
const version = textAt(JSON.parse(read('package.json')), 'version');

describe('Dockerfile', () => {
  it('has a context that the package can be built from', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fastvideo-context-'));
    try {
      cpSync(repositoryRoot, folder, { recursive: true, filter: copied });
      symlinkSync(join(repositoryRoot, 'node_modules'), join(folder, 'node_modules'));
      await run('npm', ['run', '-s', 'build'], { cwd: folder });
      const { status, stdout } = spawnSync(process.execPath, ['bin/fastvideo.js', '--version'], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect([status, stdout.trim()]).toEqual([0, version]);
      expect(existsSync(join(folder, 'dist/playground/index.html'))).toBe(true);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
