import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quick, readyServer } from '../contract/servers.ts';
import { fastTextModel } from '../safety/fixtures.ts';
import { repositoryRoot, type ServerProcess } from '../support/server-process.ts';

/** Each command that writes to stdout, as the shell has it; `$FV` is the built command. */
const commands = [
  '--help',
  'serve --help',
  '--version',
  'mock --print-config',
  'router --print-config --router.replicas "[{url: http://127.0.0.1:9}]"',
  'dashboard --json --url "$URL"',
  'dashboard --url "$URL"',
  'enhance --provider echo fox',
  'safety-check fox --classifier "$MODEL"',
  'encode --size 64x36',
  'stream --url "$URL" fox',
];

let directory: string;
let server: ServerProcess;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-stdout-'));
  await writeFile(join(directory, 'frames'), Buffer.alloc(10 * 64 * 36 * 3));
  server = await readyServer('mock', quick);
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

function shell(script: string): { code: number | null; stderr: string } {
  const env = {
    ...process.env,
    FV: join(repositoryRoot, 'bin/fastvideo.js'),
    NODE: process.execPath,
    MODEL: fastTextModel,
    URL: server.url,
    FASTVIDEO_API_KEY: '',
  };
  const options = { cwd: directory, env, encoding: 'utf8' } as const;
  const { status, stderr } = spawnSync('/bin/bash', ['-c', script], options);
  return { code: status, stderr };
}

const run = (command: string) => `"$NODE" "$FV" ${command} < frames`;

describe.each(commands)('the output of fastvideo %s', (command) => {
  it('ends in peace when its reader has left', () => {
    // The reader is gone before the command starts.
    const script = `set -o pipefail; { while [ ! -e left ]; do sleep 0.01; done; ${run(command)}; } | { exec <&-; touch left; }; code=$?; rm left; exit $code`;
    expect(shell(script)).toEqual({ code: 0, stderr: '' });
  });

  it('is missed in one line where the disk is full', () => {
    const { code, stderr } = shell(`${run(command)} > /dev/full`);
    expect(stderr).toBe('fastvideo: stdout cannot be written: its disk is full.\n');
    expect(code).toBe(1);
  });
});
