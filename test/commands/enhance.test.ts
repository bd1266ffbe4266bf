import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/server-process.ts';
import { type StandInProvider, startStandInProvider } from '../support/stand-in-provider.ts';
import { waitFor } from '../support/wait-for.ts';
import { ended } from './ended.ts';
import { enhance, expectOrderOf, start } from './enhance-process.ts';
import { runHere } from './run-here.ts';

const bin = join(repositoryRoot, 'bin/fastvideo.js');
const echo = ['--provider', 'echo'];

/** With its prompts as arguments. */
const enhanceHere = (args: readonly string[], env?: Readonly<Record<string, string>>) =>
  runHere(['enhance', ...args], { CEREBRAS_API_KEY: undefined, GROQ_API_KEY: undefined, ...env });

describe('fastvideo enhance', () => {
  it('gives one line for each line, in order, blank ones blank', async () => {
    expect(await enhance(echo, 'a fox\r\n\n  \na dog')).toEqual({
      code: 0,
      stdout: 'a fox (enhanced)\n\n\na dog (enhanced)\n',
      stderr: '',
    });
  });

  it('takes prompts from the arguments, and does not read stdin then', async () => {
    expect(await enhanceHere(['a fox', ...echo, 'a dog\nthat runs'])).toEqual({
      code: 0,
      stdout: 'a fox (enhanced)\na dog that runs (enhanced)\n',
      stderr: '',
    });
  });

  it.each([
    [['--op', 'auto-extend'], 'a fox (continued)\n'],
    [['--op', 'rewrite', '--count', '2'], 'a fox (rewrite 1)\ta fox (rewrite 2)\n'],
  ])('has other operations: %j', async (args, stdout) => {
    expect(await enhanceHere([...echo, ...args, 'a fox'])).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('writes JSON lines with everything', async () => {
    const { stdout } = await enhance([...echo, '--json'], 'a fox\n\n');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const fields = { model: 'echo', fallback_used: false, error: null };
    expect(lines).toEqual([
      {
        ...fields,
        prompt: 'a fox',
        content: 'a fox (enhanced)',
        provider: 'echo',
        latency_ms: expect.any(Number),
      },
      { ...fields, prompt: '', content: '', provider: null, model: null, latency_ms: null },
    ]);
    const rewritten = await enhanceHere([...echo, '--json', '--op', 'rewrite', '--count', '2', 'a fox']);
    expect(JSON.parse(rewritten.stdout).content).toEqual(['a fox (rewrite 1)', 'a fox (rewrite 2)']);
  });

  it('takes - for the lines of stdin', () => {
    const args = [bin, 'enhance', '--provider', 'echo', '-'];
    const { stdout } = spawnSync(process.execPath, args, { input: 'a fox\n', encoding: 'utf8' });
    expect(stdout).toBe('a fox (enhanced)\n');
  });

  it('ends quietly behind head', () => {
    const command = `yes "a fox" | "${process.execPath}" "${bin}" enhance --provider echo | head -1; echo "\${PIPESTATUS[*]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['a fox (enhanced)\n141 0 0\n', '']);
  });

  it.each([
    [
      'no key',
      [],
      1,
      'The prompt provider cerebras needs a key: set CEREBRAS_API_KEY. --provider echo works offline.',
    ],
    [
      'a provider that is none',
      ['--provider', 'echo,sky'],
      2,
      '--provider "echo,sky" must be cerebras, groq',
    ],
    ['openai without a URL', ['--provider', 'openai'], 2, '--provider openai needs --base-url'],
    [
      'a URL that is none',
      ['--base-url', 'localhost'],
      2,
      '--base-url "localhost" must be an http or https URL',
    ],
    [
      'an operation that is none',
      [...echo, '--op', 'x'],
      2,
      '--op "x" must be enhance, auto-extend or rewrite',
    ],
    [
      'no concurrency',
      [...echo, '--concurrency', '0'],
      2,
      '--concurrency "0" must be a whole number from 1 to 256',
    ],
    ['a count without a rewrite', [...echo, '--count', '2'], 2, '--count needs --op rewrite'],
    ['a system prompt that is not there', [...echo, '--system-prompt', '/nope'], 2, '/nope cannot be read'],
  ])('refuses %s in one line', async (_, args, exitCode, message) => {
    const { code, stdout, stderr } = await enhanceHere([...args, 'a fox']);
    expect([code, stdout]).toEqual([exitCode, '']);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('refuses an option that is none', async () => {
    const { code, stdout, stderr } = await enhanceHere([...echo, '--jsom', 'a fox']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('fastvideo: Unknown option --jsom; did you mean --json?');
  });

  it('takes a prompt that begins like an option after --', async () => {
    expect((await enhanceHere([...echo, '--', '--a fox'])).stdout).toBe('--a fox (enhanced)\n');
  });

  it('refuses a line that has no end', async () => {
    const { code, stdout, stderr } = await enhance(echo, `a fox\n${'x'.repeat(2_000_000)}`);
    expect([code, stdout]).toEqual([1, 'a fox (enhanced)\n']);
    expect(stderr).toMatch(/^fastvideo: Line 2 of stdin is longer than 1048576 bytes.*\n$/);
  });
});

describe('fastvideo enhance, at a provider', () => {
  let provider: StandInProvider;
  let at: readonly string[];
  beforeEach(async () => {
    provider = await startStandInProvider();
    at = ['--base-url', provider.baseUrl];
  });
  afterEach(() => provider.stop());

  it('keeps order and count of 300 lines, sixteen at once', () => expectOrderOf(300));

  it('lets a line go before the next one comes', async () => {
    const child = start(at);
    const end = ended(child, undefined);
    child.stdin?.write('a fox\n');
    if (child.stdout) expect(String((await once(child.stdout, 'data'))[0])).toBe('better: a fox\n');
    child.stdin?.end('a dog\n');
    expect(await end).toEqual({ code: 0, stdout: 'better: a fox\nbetter: a dog\n', stderr: '' });
  });

  it('sends the system prompt of a file, the model and the key', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fastvideo-enhance-'));
    try {
      const path = join(directory, 'mine.txt');
      await writeFile(path, 'Say it in verse.\n');
      await enhanceHere([...at, '--system-prompt', path, '--model', 'small', 'a fox'], {
        OPENAI_API_KEY: 'k',
      });
    } finally {
      await rm(directory, { recursive: true });
    }
    const [call] = provider.calls;
    expect([call?.system, call?.body['model'], call?.headers.authorization]).toEqual([
      'Say it in verse.',
      'small',
      'Bearer k',
    ]);
  });

  it.each([
    ['fail', 1, 'better: 0\n', /^fastvideo: Prompt 2: openai answered 400 no luck\n$/],
    [
      'keep',
      0,
      'better: 0\n 1\nbetter: 2\n',
      /^fastvideo: 1 of 3 prompts failed and were kept unchanged\. It was prompt 2: openai answered 400 no luck\n$/,
    ],
    [
      'skip',
      0,
      'better: 0\nbetter: 2\n',
      /^fastvideo: 1 of 3 prompts failed and were omitted\. It was prompt 2: openai answered 400 no luck\n$/,
    ],
  ])('with --on-error %s', async (how, code, stdout, stderr) => {
    provider.reply(({ user }) =>
      user === '1' ? { kind: 'status', status: 400 } : { kind: 'answer', content: `better: ${user}` },
    );
    const result = await enhanceHere([...at, '--on-error', how, '0', ' 1', '2']);
    expect(result).toEqual({ code, stdout, stderr: expect.stringMatching(stderr) });
  });

  it('tells how many failed, and the reason of the first', async () => {
    provider.reply(({ user }) => ({ kind: 'status', status: user === 'a' ? 400 : 404 }));
    const { stderr } = await enhanceHere([...at, '--on-error', 'skip', 'a', 'b']);
    expect(stderr).toMatch(
      /^fastvideo: 2 of 2 prompts failed and were omitted\. The first was prompt 1: openai answered 400 /,
    );
  });

  it('tells in JSON what failed', async () => {
    provider.reply({ kind: 'status', status: 400 });
    const { code, stdout } = await enhanceHere([...at, '--on-error', 'keep', '--json', 'a fox']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      prompt: 'a fox',
      content: 'a fox',
      provider: null,
      error: { code: 'prompt_failed', message: 'openai answered 400 no luck' },
    });
  });

  it('goes on with the next provider', async () => {
    provider.reply({ kind: 'status', status: 500 });
    const { code, stdout } = await enhanceHere([...at, '--provider', 'openai,echo', '--json', 'a fox']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      content: 'a fox (enhanced)',
      provider: 'echo',
      fallback_used: true,
    });
  });

  it('gives up on a provider that is silent', async () => {
    provider.reply({ kind: 'stall' });
    const { code, stderr } = await enhanceHere([...at, '--timeout', '200', 'a fox']);
    expect([code, stderr]).toEqual([
      1,
      'fastvideo: Prompt 1: No provider could answer: openai gave no answer within 200 ms.\n',
    ]);
  });

  it('ends with 130 when it is interrupted, and hangs up', async () => {
    provider.reply({ kind: 'stall' });
    const child = start(at);
    const end = ended(child, undefined);
    child.stdin?.write('a fox\n');
    await waitFor('call', () => provider.calls.length === 1);
    child.kill('SIGINT');
    expect(await end).toEqual({ code: 130, stdout: '', stderr: 'fastvideo: Interrupted.\n' });
    await waitFor('hang-up', () => provider.hungUp === 1);
  });
});
