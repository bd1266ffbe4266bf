import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wordsModel } from '../safety/fixtures.ts';
import { repositoryRoot } from '../support/server-process.ts';

const bin = join(repositoryRoot, 'bin/fastvideo.js');
const commands = [
  ['enhance', ['enhance', '--provider', 'echo'], /^fastvideo: There is no prompt; .*\n$/],
  ['safety-check', ['safety-check', '--classifier', wordsModel], /^fastvideo: There is no prompt; .*\n$/],
  ['stream', ['stream', '--url', 'ws://127.0.0.1:9'], /^fastvideo: There is no prompt; .*\n$/],
  ['encode', ['encode', '--size', '64x48'], /^fastvideo: Nothing arrived on stdin; .*\n$/],
] as const;

let folder: number;
beforeAll(() => {
  folder = openSync(repositoryRoot, 'r');
});
afterAll(() => closeSync(folder));

describe.each(commands)('`fastvideo %s`', (_, args, nothing) => {
  it('refuses a folder as stdin', () => {
    const { status, stderr } = spawnSync(process.execPath, [bin, ...args], {
      stdio: [folder, 'pipe', 'pipe'],
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'fastvideo: stdin is a folder; redirect a file, or pipe to the command.\n',
    });
  });

  it('ends with exit code 2 where nothing comes on stdin', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
      input: '',
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(nothing),
    });
  });
});

it.each(commands.slice(0, 2))('`fastvideo %s` counts blank lines as no prompt', (_, args, nothing) => {
  const { status, stderr } = spawnSync(process.execPath, [bin, ...args], {
    input: '\n  \n',
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(nothing) });
});
