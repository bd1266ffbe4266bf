import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readyServer } from '../contract/servers.ts';
import { repositoryRoot, type ServerProcess } from '../support/server-process.ts';

const page = await readFile(join(repositoryRoot, 'docs/pipelines.md'), 'utf8');
const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands]) => commands ?? '');

/**
 * `fastvideo` as the page writes it. The paid API is replaced by `--provider echo`, and the server of the test has a
 * port of its own; both are what a reader without a key or with another port would add.
 */
const wrapper = `#!/bin/sh
command=$1
shift
case "$command" in
  enhance) set -- --provider echo "$@" ;;
  stream | dashboard) set -- --url "$TEST_SERVER" "$@" ;;
esac
exec "${process.execPath}" "${join(repositoryRoot, 'bin/fastvideo.js')}" "$command" "$@"
`;

const prompts = [
  'a red fox walks through fresh snow',
  'two gangs attack each other with knives',
  'slow aerial view of a rocky coast at sunset',
];

describe('docs/pipelines.md', () => {
  let server: ServerProcess;
  let directory: string;

  beforeAll(async () => {
    server = await readyServer('mock', [
      ...['--default_request.sampling.width', '128', '--default_request.sampling.height', '96'],
      ...['--default_request.sampling.num_frames', '12'],
    ]);
    directory = await mkdtemp(join(tmpdir(), 'fastvideo-pipelines-'));
    await writeFile(join(directory, 'fastvideo'), wrapper);
    await chmod(join(directory, 'fastvideo'), 0o755);
    await writeFile(join(directory, 'prompts.txt'), `${prompts.join('\n')}\n`);
  });
  afterAll(async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  });

  const run = async (command: string, args: readonly string[], cwd = directory) => {
    const child = spawn(command, args, {
      cwd,
      env: {
        ...process.env,
        PATH: `${directory}${delimiter}${process.env.PATH}`,
        TEST_SERVER: server.url,
        FASTVIDEO_SAFETY_CLASSIFIER: join(repositoryRoot, 'fixtures/safety/sentences.bin'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        output += data.toString();
      });
    }
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  };

  it('has recipes', () => {
    expect(blocks.length).toBeGreaterThan(8);
  });

  it.each(blocks.map((commands, index) => [index + 1, commands] as const))(
    'has a recipe %i that runs as it stands',
    async (_, commands) => {
      const { code, output } = await run('bash', ['-e', '-c', commands]);
      expect(output).not.toMatch(/bug of ours/);
      expect({ code, output }).toEqual({ code: 0, output: expect.any(String) });
    },
  );

  it('counts the segments of the server', async () => {
    const watch = blocks.find((commands) => commands.includes('dashboard')) ?? '';
    const { output } = await run('bash', ['-e', '-c', watch]);
    expect(output).toMatch(/^"segments_completed": [1-9]\d*$/m);
  });

  it.each([
    ['film.mp4', 24],
    ['monday.mp4', 12],
    ['tuesday.mp4', 12],
    ['test.mp4', 48],
  ])('leaves a film %s that ffprobe reads, with %i frames', async (file, frames) => {
    const probe = [
      '-v',
      'error',
      '-count_frames',
      '-select_streams',
      'v',
      '-show_entries',
      'stream=nb_read_frames',
    ];
    const { output } = await run('ffprobe', [...probe, '-of', 'csv=p=0', file]);
    expect(output.trim()).toBe(String(frames));
  });

  it('leaves the texts that it names', async () => {
    const lines = async (file: string) =>
      (await readFile(join(directory, file), 'utf8')).trimEnd().split('\n');
    expect(await lines('allowed.txt')).toEqual([prompts[0], prompts[2]]);
    expect(await lines('better.txt')).toEqual(prompts.map((prompt) => `${prompt} (enhanced)`));
    expect(await lines('decisions.jsonl')).toHaveLength(3);
    expect(await lines('answers.jsonl')).toHaveLength(3);
    expect(await lines('alternatives.txt')).toHaveLength(4);
    expect((await stat(join(directory, 'still.png'))).size).toBeGreaterThan(100);
  });
});
