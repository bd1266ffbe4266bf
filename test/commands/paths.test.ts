import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { quick } from '../contract/servers.ts';
import {
  cannotStore,
  cannotWrite,
  exitCodeFor,
  noSystemPrompts,
  noWebApp,
  sessionLogs,
} from './path-messages.ts';
import { runHere } from './run-here.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-paths-'));
  await writeFile(join(directory, 'file'), '{}');
  await mkdir(join(directory, 'folder'));
  for (const name of ['status', 'metrics', 'docs', 'curated-presets']) {
    await mkdir(join(directory, `app-${name}`));
    await writeFile(join(directory, `app-${name}`, 'index.html'), '<title>app</title>');
    await writeFile(join(directory, `app-${name}`, name), 'mine');
  }
});
afterAll(() => rm(directory, { recursive: true }));

const presets = '--server.curated_presets_path';
const fallback = '--server.curated_presets_fallback_path';
const isFile = 'it is a file';
const isFolder = 'it is a folder';
const isPart = 'a part of this path is a file';
const isMissing = 'there is no such file or folder';

const server = ['mock', '--port', '0', ...quick];
const enhance = ['enhance', 'a', '--provider', 'echo'];
const withPrompts = ['--streaming.prompt.provider', 'echo', '--streaming.prompt.system_prompt_dir'];

it.each([
  [[...server, '--streaming.session_log_dir', 'DIR/file'], cannotWrite(sessionLogs, 'file', isFile)],
  [
    [...server, '--streaming.session_log_dir', 'DIR/file/logs'],
    cannotWrite(sessionLogs, 'file/logs', isPart),
  ],
  [[...server, '--streaming.store', 'file:DIR/file'], cannotStore('file', isFile)],
  [[...server, '--record', 'DIR/file'], cannotWrite('Recordings (--record)', 'file', isFile)],
  [[...server, '--static', 'DIR/none'], noWebApp('none', `cannot be read: ${isMissing}`)],
  [[...server, '--static', 'DIR/folder'], noWebApp('folder', 'contains no index.html')],
  [[...server, '--static', 'DIR/file'], noWebApp('file', `cannot be read: ${isPart}`)],
  ...['status', 'metrics', 'docs', 'curated-presets'].map((name): [string[], string] => [
    [...server, '--static', `DIR/app-${name}`],
    `DIR/app-${name} contains a file for /${name}, which is a route of this server; rename the file.`,
  ]),
  [[...server, presets, 'DIR/folder'], `DIR/folder is not a list of presets: ${isFolder}.`],
  [[...server, fallback, 'DIR/none'], 'The presets DIR/none cannot be read: there is no such file.'],
  [[...server, ...withPrompts, 'DIR/file'], noSystemPrompts(`file: ${isFile}`)],
  [
    [...enhance, '--system-prompt', 'DIR/folder'],
    `The system prompt DIR/folder cannot be read: ${isFolder}.`,
  ],
])('tells of a path in one line: %j', async (args, message) => {
  const { code, stderr } = await runHere(args.map((arg) => arg.replaceAll('DIR', directory)));
  const told = stderr.split('\n').filter((line) => line.startsWith('fastvideo: '));
  expect([code, told]).toEqual([exitCodeFor(args), [`fastvideo: ${message.replaceAll('DIR', directory)}`]]);
});
