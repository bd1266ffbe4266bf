import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHere } from './run-here.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fastvideo-check-'));
  await writeFile(join(folder, 'file'), 'x');
  await mkdir(join(folder, 'empty'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const noKeys = { CEREBRAS_API_KEY: undefined, GROQ_API_KEY: undefined };
const check = (command: string, args: readonly string[]) =>
  runHere([command, '--check', ...args.map((each) => each.replace('DIR', folder))], noKeys);

describe('--check', () => {
  it.each([
    ['serve', [], 'embedded defaults'],
    ['serve', ['--server.port', '8010'], 'embedded defaults and the command line'],
    ['mock', ['--streaming.store', 'file:DIR/new/store'], 'embedded defaults and the command line'],
    ['mock', ['--generator.model_path', 'builtin:cpnn'], 'embedded defaults and the command line'],
  ])('of %s %j says that the config is valid', async (command, args, source) => {
    expect(await check(command, args)).toEqual({
      code: 0,
      stdout: '',
      stderr: `The config is valid (${source}).\n`,
    });
  });

  it.each([
    [
      'builtin:cpnn',
      'must be a model that is built in, "builtin:cppn" or "mock:gradient" (the nearest is "builtin:cppn"), not "builtin:cpnn"',
    ],
    [
      'bultin:cppn',
      'must be a model that is built in, "builtin:cppn" or "mock:gradient" (the nearest is "builtin:cppn"), not "bultin:cppn"',
    ],
    [
      'mock:foo',
      'must be a model that is built in, "builtin:cppn" or "mock:gradient" (the nearest is "mock:gradient"), not "mock:foo"',
    ],
    ['exec:', 'must name a command after "exec:", such as "exec:python3 my-worker.py", not "exec:"'],
  ])('refuses the model %s', async (model, problem) => {
    const { code, stderr } = await check('serve', ['--generator.model_path', model]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(`--generator.model_path: ${problem}`),
    });
  });

  it.each([
    ['serve', ['--static', 'DIR/empty'], 'contains no index.html', 2],
    ['mock', ['--static', 'DIR/none'], 'cannot be read: there is no such file or folder', 2],
    [
      'serve',
      ['--streaming.store', 'file:DIR/file/store'],
      'Sessions (streaming.store) cannot be written',
      1,
    ],
    ['serve', ['--streaming.session_log_dir', 'DIR/file'], 'cannot be written to DIR/file: it is a file', 1],
    ['serve', ['--streaming.encoder.ffmpeg_path', 'DIR/none'], 'There is no ffmpeg at', 1],
    ['serve', ['--streaming.prompt.enabled', 'true'], 'CEREBRAS_API_KEY', 1],
    [
      'serve',
      ['--streaming.safety.enabled', 'true', '--streaming.safety.classifier_path', 'DIR/none.bin'],
      'DIR/none.bin cannot be read: there is no such file',
      2,
    ],
    ['serve', ['--server.curated_presets_path', 'DIR/file'], 'is not a list of presets', 2],
    ['mock', ['--streaming.prompt.system_prompt_dir', 'DIR/file'], 'The system prompts', 2],
    ['mock', ['--record', 'DIR/file'], 'Recordings (--record) cannot be written', 1],
    ['mock', ['--replay', 'DIR/empty'], 'contains no recording', 2],
  ])('of %s refuses %j, which a start refuses', async (command, args, problem, code) => {
    expect(await check(command, args)).toMatchObject({
      code,
      stderr: expect.stringContaining(problem.replace('DIR', folder)),
    });
  });

  it('tells every problem, one a line', async () => {
    const { stderr } = await check('mock', ['--static', 'DIR/none', '--record', 'DIR/file']);
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
  });
});
