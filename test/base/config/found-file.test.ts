import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { findConfigFile } from '../../../src/core/base/config/find-config-file.ts';

it('refuses a pipe that the search for a config finds, and does not wait for who writes to it', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'fastvideo-found-'));
  try {
    await promisify(execFile)('mkfifo', [join(cwd, 'fastvideo.config.yaml')]);
    await expect(findConfigFile(cwd, { HOME: cwd })).rejects.toThrow(
      /^fastvideo\.config\.yaml: is not a regular file; to use it, name it with --config/,
    );
  } finally {
    await rm(cwd, { recursive: true });
  }
});
