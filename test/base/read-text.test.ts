import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readText } from '../../src/core/base/read-text.ts';
import { runHere } from '../commands/run-here.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-text-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function file(bytes: string | Uint8Array): Promise<string> {
  const path = join(directory, 'text.yaml');
  await writeFile(path, bytes);
  return path;
}

const powershell = Buffer.from('\ufeffserver:\r\n  port: 8010\r\n', 'utf16le');

describe('readText', () => {
  it('leaves out the mark at the start', async () => {
    expect(await readText(await file('\ufeffä\n'))).toBe('ä\n');
  });

  it.each([
    ['UTF-16, as PowerShell writes it', powershell, 'it is UTF-16; save it as UTF-8'],
    ['Latin-1', Buffer.from('größe', 'latin1'), 'it is not UTF-8 text'],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 'it is not UTF-8 text'],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(readText(await file(bytes))).rejects.toThrow(message);
  });

  it('does not wait for ever for somebody who writes to a pipe', async () => {
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(readText(pipe, 1024, 200)).rejects.toThrow(
      'it is a pipe to which nothing was written for 0.2 s',
    );
    // The wait that was given up has left nobody who takes what is written now.
    const [text] = await Promise.all([readText(pipe, 1024), writeFile(pipe, 'late')]);
    expect(text).toBe('late');
  });

  it.each([
    ['a config', ['mock', '--check', '--config'], 2],
    ['a scenario', ['mock', '--check', '--scenario'], 2],
    ['a system prompt', ['enhance', '--provider', 'echo', 'fox', '--system-prompt'], 2],
    ['a continuation state', ['stream', 'fox', '--url', 'http://127.0.0.1:9', '--continuation'], 2],
  ])('lets the command tell of %s in UTF-16', async (_, args, exitCode) => {
    const { code, stderr } = await runHere([...args, await file(powershell)]);
    expect([code, stderr]).toEqual([
      exitCode,
      expect.stringMatching(/^fastvideo: .*text\.yaml.*it is UTF-16/),
    ]);
  });
});
