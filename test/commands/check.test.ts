import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { python } from '../support/python.ts';
import { repositoryRoot } from '../support/server-process.ts';
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
    [
      'serve',
      [
        '--generator.model_path',
        'FastVideo/LTX2-Distilled-Diffusers',
        '--default_request.sampling.width',
        '850',
      ],
      'default_request.sampling.width is 850; the model makes multiples of 32, for example 832 or 864.',
      2,
    ],
    [
      'serve',
      ['--generator.model_path', '/models/any', '--default_request.sampling.seed', '-1'],
      'default_request.sampling.seed is -1; the model takes 0 or more.',
      2,
    ],
    ['serve', ['--static', 'DIR/empty'], 'contains no index.html', 2],
    ['mock', ['--static', 'DIR/none'], 'cannot be read: there is no such file or folder', 2],
    [
      'serve',
      ['--streaming.store', 'file:DIR/file/store'],
      'Sessions (streaming.store) cannot be written',
      1,
    ],
    ['serve', ['--streaming.session_log_dir', 'DIR/file'], 'cannot be written to DIR/file: it is a file', 1],
    ['serve', ['--streaming.encoder.ffmpeg_path', 'DIR/none'], 'There is no ffmpeg at', 2],
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

  it.each([
    [
      'exec:no-such-command --fast',
      'cannot be run: there is no program "no-such-command" in the folders of PATH. Name a program',
    ],
    ['exec:"DIR/none" x', 'cannot be run: there is no file "DIR/none"'],
    ['exec:DIR/file', 'cannot be run: "DIR/file" is not executable (chmod +x it'],
    ["exec:'DIR/empty'", 'cannot be run: "DIR/empty" is a folder'],
    ['DIR/none', 'does not exist; write the folder of a model, or a model id'],
    ['DIR/file', 'is not a folder; write the folder of a model'],
    ['~/models/ltx2', 'begins with "~", which is not expanded'],
  ])('and a start refuse the model %s in the same words', async (model, problem) => {
    const path = model.replace('DIR', folder);
    const refused = {
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(
        `fastvideo: generator.model_path "${path}" ${problem.replaceAll('DIR', folder)}`,
      ),
    };
    const args = ['--generator.model_path', path, '--port', '0'];
    expect(await runHere(['serve', '--check', ...args])).toEqual(refused);
    expect(await runHere(['serve', ...args])).toEqual(refused);
  });

  it.each([
    [process.execPath, 'exec:NODE worker.mjs'],
    ['a word that only the shell knows', 'exec:$WORKER --fast'],
    ['a program of PATH', 'exec:sh -c true'],
  ])('takes %s as a program', async (_, model) => {
    const path = model.replace('NODE', `"${process.execPath}"`);
    expect((await check('serve', ['--generator.model_path', path])).code).toBe(0);
  });

  const checkWith = (path: string) =>
    runHere(['serve', '--check', '--generator.model_path', 'some/model'], { FASTVIDEO_PYTHON: path });

  it('refuses a Python that is not there, or is none', async () => {
    const cannot = (path: string, why: string) => ({
      code: 2,
      stdout: '',
      stderr: `fastvideo: The Python "${path}" cannot run the FastVideo worker: ${why}. Set FASTVIDEO_PYTHON to one that has the package fastvideo.\n`,
    });
    expect(await checkWith('/no/python3')).toEqual(cannot('/no/python3', 'there is no such program'));
    const none = join(folder, 'file');
    expect(await checkWith(none)).toEqual(cannot(none, 'it may not be executed'));
    expect(await checkWith('false')).toEqual(cannot('false', 'it ended with exit code 1'));
  });

  it('refuses a Python without the package, and says how to install it', needs(python), async () => {
    const { code, stderr } = await checkWith(python.path ?? '');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(
        /^fastvideo: The package fastvideo is not installed for .* -m pip install/,
      ),
    });
  });

  it('takes a Python with the package, without loading it', needs(python), async () => {
    const standIn = { PYTHONPATH: join(repositoryRoot, 'python/tests/stand_in'), STAND_IN_CUDA: '0' };
    const model = ['--generator.model_path', 'some/model'];
    const env = { ...standIn, FASTVIDEO_PYTHON: python.path };
    expect(await runHere(['serve', '--check', ...model], env)).toMatchObject({ code: 0 });
    const components = ['--generator.pipeline.components.lora_path', '/no/lora.safetensors'];
    expect(await runHere(['serve', '--check', ...model, ...components], env)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'generator.pipeline.components.lora_path "/no/lora.safetensors" does not exist',
      ),
    });
  });

  it('tells every problem, one a line', async () => {
    const { stderr } = await check('mock', ['--static', 'DIR/none', '--record', 'DIR/file']);
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
  });
});
