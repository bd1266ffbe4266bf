import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brutal, calm, fastTextModel, languageModel, textModel, tokensModel } from '../safety/fixtures.ts';
import { descendantPids } from '../support/child-pids.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';

const bin = join(repositoryRoot, 'bin/fastvideo.js');
const withFastText = ['--classifier', fastTextModel];

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, [bin, 'safety-check', ...args], { env: { ...process.env, ...env } });
}

async function ended(child: ChildProcess, input?: string) {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  child.stdin?.on('error', () => {});
  if (input !== undefined) child.stdin?.end(input);
  const [code] = await once(child, 'close');
  return { code, ...output };
}

const check = (args: readonly string[], input?: string, env?: Readonly<Record<string, string>>) =>
  ended(start(args, env), input);

const decisions = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('fastvideo safety-check', () => {
  it('gives a decision for each line, in order, and ends with 3 when one was blocked', async () => {
    const { code, stdout, stderr } = await check(withFastText, `${calm}\r\n\n${brutal}\n${calm}`);
    expect([code, stderr]).toEqual([3, '']);
    expect(decisions(stdout)).toMatchObject([
      { prompt: calm, decision: 'allow', label: null, score: expect.any(Number), classifier: null },
      { prompt: '', decision: 'allow', score: null, reason: 'The prompt is blank.' },
      { prompt: brutal, decision: 'block', label: 'unsafe', classifier: 'sentences.bin' },
      { prompt: calm, decision: 'allow' },
    ]);
    expect(Object.keys(decisions(stdout)[0])).toEqual([
      'prompt',
      'decision',
      'label',
      'score',
      'reason',
      'classifier',
    ]);
  });

  it('ends with 0 when nothing was blocked, also when nothing came', async () => {
    expect(await check(withFastText, `${calm}\n`)).toMatchObject({ code: 0, stderr: '' });
    expect(await check(withFastText, '')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('takes prompts from the arguments, and the classifier from the environment', async () => {
    const env = { FASTVIDEO_SAFETY_CLASSIFIER: tokensModel };
    const { code, stdout } = await check([calm, brutal], undefined, env);
    expect([code, decisions(stdout).map(({ decision }) => decision)]).toEqual([3, ['allow', 'block']]);
  });

  it('prints with --pass the allowed lines as they came, and counts the others', async () => {
    const kept = `  ${calm}\t `;
    const { code, stdout, stderr } = await check(
      ['--pass', ...withFastText],
      `${kept}\n${brutal}\n\n${calm}\n`,
    );
    expect({ code, stdout, stderr }).toEqual({
      code: 3,
      stdout: `${kept}\n\n${calm}\n`,
      stderr: 'fastvideo: 1 of 4 prompts were blocked.\n',
    });
  });

  it.each([
    ['JSON lines', [], 2],
    ['--pass', ['--pass'], 1],
  ])('stops with --fail-fast at the first blocked line, %s', async (_, args, count) => {
    const child = start(['--fail-fast', '--batch', '2', ...args, ...withFastText]);
    // stdin stays open: it does not wait for more.
    child.stdin?.write(`${calm}\n${brutal}\n${calm}\n${calm}\n${calm}\n`);
    const { code, stdout } = await ended(child);
    expect([code, stdout.trim().split('\n').length]).toEqual([3, count]);
  });

  it('asks several classifiers, with the labels and the threshold that are given', async () => {
    const several = [
      '--classifier',
      languageModel,
      '--classifier',
      textModel,
      '--labels',
      'fr,Violence',
      '--threshold',
      '.8',
    ];
    const { code, stdout } = await check(several, `${brutal}\nle chat dort sur la table\n${calm}\n`);
    expect(code).toBe(3);
    expect(decisions(stdout)).toMatchObject([
      { decision: 'block', label: 'violence', reason: 'violence 0.900 reaches 0.8.' },
      { decision: 'block', label: 'fr', classifier: 'lid.176.ftz' },
      { decision: 'allow' },
    ]);
  });

  it('answers a line before the next one comes', async () => {
    const child = start(withFastText);
    const result = ended(child);
    for (const line of [calm, brutal]) {
      const answer = child.stdout && once(child.stdout, 'data');
      child.stdin?.write(`${line}\n`);
      expect(String((await answer)?.[0])).toContain(line);
    }
    child.stdin?.end();
    expect((await result).code).toBe(3);
  });

  it('keeps 10,000 lines in order', async () => {
    const lines = Array.from(
      { length: 10_000 },
      (_, index) => `${index % 10 === 3 ? brutal : calm} ${index}`,
    );
    for (const model of [fastTextModel, tokensModel]) {
      const { code, stdout, stderr } = await check(['--pass', '--classifier', model], lines.join('\n'));
      const kept = lines.filter((line) => line.startsWith(calm));
      expect(code).toBe(3);
      expect(stdout.split('\n')).toEqual([...kept, '']);
      expect(stderr).toBe('fastvideo: 1000 of 10000 prompts were blocked.\n');
    }
  });

  it('ends quietly when its reader goes away', async () => {
    const child = start(withFastText);
    child.stdin?.on('error', () => {});
    const feeding = setInterval(() => child.stdin?.write(`${calm}\n`.repeat(100)), 2);
    if (child.stdout) await once(child.stdout, 'data');
    child.stdout?.destroy();
    const { code, stderr } = await ended(child);
    clearInterval(feeding);
    expect([code, stderr]).toEqual([0, '']);
  });

  it.each([
    ['while it waits for lines', true],
    ['while it loads', false],
  ])('ends with 130 when it is interrupted %s, and leaves no process behind', async (_, loaded) => {
    const child = start(withFastText);
    const answer = loaded ? child.stdout && once(child.stdout, 'data') : undefined;
    child.stdin?.write(`${calm}\n`);
    await answer;
    await waitFor('classifier', async () => (await descendantPids(child.pid ?? 0)).length > 0);
    const below = await descendantPids(child.pid ?? 0);
    child.kill('SIGINT');
    expect(await ended(child)).toMatchObject({ code: 130, stderr: expect.stringContaining('Interrupted') });
    for (const pid of below) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it.each([
    ['block', 1, `${calm}\n`, 'held back'],
    ['allow', 0, `${calm}\n${calm} again\n`, 'let through'],
  ])(
    'when a line cannot be checked, does with --on-unavailable %s as it says',
    async (what, code, stdout, fate) => {
      const child = start(['--pass', '--on-unavailable', what, ...withFastText]);
      const result = ended(child);
      const answer = child.stdout && once(child.stdout, 'data');
      child.stdin?.write(`${calm}\n`);
      await answer;
      const [pid = 0] = await descendantPids(child.pid ?? 0);
      process.kill(pid, 'SIGSTOP');
      child.stdin?.end(`${calm} again\n`);
      // Its batch is on its way when nothing is left to read.
      await waitFor('end of the input', () => child.stdin?.writableFinished === true);
      await new Promise((resolve) => setTimeout(resolve, 300));
      process.kill(pid, 'SIGKILL');
      expect(await result).toEqual({
        code,
        stdout,
        stderr: `fastvideo: 1 of 2 prompts could not be checked and were ${fate}: The classifiers' process ended with SIGKILL.\n`,
      });
    },
  );

  it.each([
    ['no classifier', [], 2, 'there is no classifier; name a model with --classifier'],
    [
      'a prompt for a classifier',
      [...withFastText, 'a fox'],
      2,
      '--classifier "a fox" is no .onnx, .bin or .ftz',
    ],
    ['an option that is none', ['--classifer', ...withFastText], 2, "unknown option '--classifer'"],
    [
      'a threshold that is none',
      ['--threshold', '0', ...withFastText],
      2,
      '--threshold "0" must be a probability',
    ],
    ['a batch that is none', ['--batch', '0', ...withFastText], 2, '--batch "0" must be a whole number'],
    ['labels that are none', ['--labels', 'a,,b', ...withFastText], 2, '--labels "a,,b" must be labels'],
    [
      'one hash for two',
      ['--sha256', 'ab'.repeat(32), ...withFastText, ...withFastText],
      2,
      'there are several',
    ],
    ['a reaction that is none', ['--on-unavailable', 'no', ...withFastText], 2, 'must be block or allow'],
    ['a wrong hash', ['--sha256', 'ab'.repeat(32), ...withFastText], 1, 'its SHA-256 is'],
    ['a missing file', ['--classifier', '/nope.ftz'], 1, '/nope.ftz cannot be read: there is no such file'],
    ['a label that is none', ['--labels', 'nope', ...withFastText], 1, 'has no label "nope"'],
    [
      'a tokenizer that is none',
      ['--tokenizer', bin, '--classifier', tokensModel],
      1,
      'is no tokenizer.json',
    ],
  ])('refuses %s in one line', async (_, args, code, message) => {
    const { stderr, ...rest } = await check(args, `${calm}\n`, { FASTVIDEO_SAFETY_CLASSIFIER: '' });
    expect(rest).toEqual({ code, stdout: '' });
    expect(stderr).toContain(message);
    expect(
      stderr
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('(Did you')),
    ).toHaveLength(1);
  });
});
