import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quick, quickFrames, readyServer } from '../contract/servers.ts';
import { textModel } from '../safety/fixtures.ts';
import { repositoryRoot, type ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';

const frameBytes = 64 * 36 * 3;
const frames = (count: number) => `head -c ${count * frameBytes} /dev/zero`;
const encode = '"$0" "$1" encode --size 64x36';
/** Each command that shows its progress, as a script for the shell; stdout is no terminal. */
const commands = {
  encode: `${frames(9)} | ${encode} > /dev/null`,
  enhance: '"$0" "$1" enhance --provider echo fox < /dev/null > /dev/null',
  'safety-check': '"$0" "$1" safety-check fox --classifier "$MODEL" < /dev/null > /dev/null',
  stream: '"$0" "$1" stream --url "$URL" fox < /dev/null > /dev/null',
};

let directory: string;
let server: ServerProcess;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-progress-'));
  server = await readyServer('mock', quick);
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

/** Runs a script on a terminal; `$0 $1` in it is the built command. */
function onTerminal(script: string) {
  // A progress line, as on a developer's terminal, wherever the test runs.
  const { CI: _ci, ...inherited } = process.env;
  const child = spawn('/bin/sh', ['-c', script, process.execPath, join(repositoryRoot, 'bin/fastvideo.js')], {
    name: 'xterm-256color',
    cols: 80,
    rows: 24,
    cwd: directory,
    env: { ...inherited, MODEL: textModel, URL: server.url, FASTVIDEO_API_KEY: '' },
  });
  let written = '';
  child.onData((text) => {
    written += text;
    // A flood is a failure, and what it leads to is not waited for.
    if (written.length > 1e6) child.kill('SIGKILL');
  });
  const exited = new Promise<number>((resolve) => {
    child.onExit(({ exitCode }) => resolve(exitCode));
  });
  return { child, exited, written: () => written };
}

const clearsLine = '\x1b[0K';

describe.each(Object.entries(commands))('the progress line of %s', (_, script) => {
  it('is shown on a terminal', async () => {
    const { exited, written } = onTerminal(script);
    expect([await exited, written().includes(clearsLine)]).toEqual([0, true]);
  });

  it('is not shown on a terminal of 0 columns', async () => {
    const { exited, written } = onTerminal(`stty cols 0; ${script}`);
    expect([await exited, written().includes(clearsLine)]).toEqual([0, false]);
  });
});

it('ends when the terminal loses its width', async () => {
  const input = `(read go < /dev/tty; stty cols 0 < /dev/tty; ${frames(999)})`;
  const { child, exited, written } = onTerminal(`${input} | ${encode} > /dev/null`);
  await waitFor('progress line', () => written().includes('Waiting for frames'));
  child.write('go\n');
  expect([await exited, written().includes('Infinity')]).toEqual([0, false]);
});

it('of stream ends with the segments, the length, the size and the file', async () => {
  const { exited, written } = onTerminal(
    '"$0" "$1" stream --url "$URL" -o film.mp4 fox owl hare < /dev/null',
  );
  expect(await exited).toBe(0);
  const seconds = ((3 * quickFrames) / 24).toFixed(1);
  expect(written()).toMatch(new RegExp(`3 segments, ${seconds} s, \\d+\\.\\d MB, film\\.mp4\\r\\n`));
});
