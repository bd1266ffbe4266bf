import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { quick } from '../contract/servers.ts';
import { repositoryRoot } from '../support/server-process.ts';
import {
  cannotStore,
  cannotWrite,
  exitCodeFor,
  noSystemPrompts,
  noWebApp,
  sessionLogs,
} from './path-messages.ts';

/** A folder of ours in which we may not write. */
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-locked-'));
  await writeFile(join(directory, 'secret'), '{}', { mode: 0o000 });
  await mkdir(join(directory, 'locked'), { mode: 0o000 });
  await chmod(directory, 0o555);
});
afterAll(async () => {
  await chmod(directory, 0o755);
  await rm(directory, { recursive: true });
});

/** Runs the built command as one to whom permissions apply: root is above them by a capability. */
function run(args: readonly string[]): { code: number | null; lines: string[] } {
  const bin = join(repositoryRoot, 'bin/fastvideo.js');
  const command = [process.execPath, bin, ...args.map((arg) => arg.replaceAll('DIR', directory))];
  const asUser = ['setpriv', '--inh-caps=-all', '--bounding-set=-all', '--', ...command];
  const [file = '', ...rest] = process.getuid?.() === 0 ? asUser : command;
  // One that starts in spite of its path would stay.
  const options = { cwd: directory, encoding: 'utf8', input: '', timeout: 60_000 } as const;
  const { status, stderr } = spawnSync(file, rest, options);
  return { code: status, lines: stderr.split('\n').filter((line) => line.startsWith('fastvideo: ')) };
}

const presets = '--server.curated_presets_path';
const denied = 'this user has no permission';
const mock = ['mock', '--port', '0', ...quick];
const serve = ['serve', '--port', '0', ...quick];
const enhance = ['enhance', 'a', '--provider', 'echo'];
const withPrompts = ['--streaming.prompt.provider', 'echo', '--streaming.prompt.system_prompt_dir'];

it.each([
  [[...serve, '--streaming.session_log_dir', 'DIR/logs'], cannotWrite(sessionLogs, 'logs', denied)],
  [
    [...mock, '--streaming.session_log_dir', 'DIR'],
    cannotWrite(sessionLogs, '', denied).replace('DIR/', 'DIR'),
  ],
  [[...mock, '--streaming.store', 'file:DIR/store'], cannotStore('store', denied)],
  [[...mock, '--record', 'DIR/films'], cannotWrite('Recordings (--record)', 'films', denied)],
  [
    [...mock, '--replay', 'DIR/locked/a.jsonl'],
    `DIR/locked/a.jsonl cannot be read (${denied}); name a folder of recordings, or the .jsonl file of one.`,
  ],
  [[...mock, '--static', 'DIR/locked'], noWebApp('locked', `cannot be read: ${denied}`)],
  [[...mock, presets, 'DIR/secret'], `DIR/secret is not a list of presets: ${denied}.`],
  [[...mock, presets, 'DIR/locked/a.json'], `DIR/locked/a.json cannot be read: ${denied}.`],
  [[...mock, ...withPrompts, 'DIR/locked/more'], noSystemPrompts(`locked/more: ${denied}`)],
  [[...enhance, '--system-prompt', 'DIR/secret'], `The system prompt DIR/secret cannot be read: ${denied}.`],
])('tells of what this user may not read or write in one line: %j', (args, message) => {
  expect(run(args)).toEqual({
    code: exitCodeFor(args),
    lines: [`fastvideo: ${message.replaceAll('DIR', directory)}`],
  });
});

it.each(['mock', 'serve', 'router'])('tells of a --config of %s that cannot be read', (command) => {
  const told = { code: 2, lines: ['fastvideo: secret: cannot be read: this user has no permission'] };
  expect(run([command, '--check', '--config', 'DIR/secret'])).toEqual(told);
});
