import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { brutal, calm, tokensModel } from '../safety/fixtures.ts';
import { descendantPids } from '../support/child-pids.ts';
import { waitFor } from '../support/wait-for.ts';
import { ended } from './ended.ts';
import { runHere } from './run-here.ts';
import { check, decisions, expectFate, start, withFastText } from './safety-check-process.ts';

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

  it('ends with 0 when nothing was blocked', async () => {
    expect(await check(withFastText, `${calm}\n`)).toMatchObject({ code: 0, stderr: '' });
  });

  it('takes prompts from the arguments, and the classifier from the environment', async () => {
    const env = { FASTVIDEO_SAFETY_CLASSIFIER: tokensModel };
    const { code, stdout } = await check([calm, brutal], undefined, env);
    expect([code, decisions(stdout).map(({ decision }) => decision)]).toEqual([3, ['allow', 'block']]);
  });

  it('takes prompts behind the classifier, and --json, which is the default', async () => {
    const { code, stdout } = await check([...withFastText, calm, '--json', brutal]);
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

  it('stops with --fail-fast at the first blocked line', async () => {
    const child = start(['--fail-fast', '--batch', '2', '--pass', ...withFastText]);
    // stdin stays open: it does not wait for more.
    child.stdin?.write(`${calm}\n${brutal}\n${calm}\n${calm}\n${calm}\n`);
    const { code, stdout } = await ended(child);
    expect([code, stdout.trim().split('\n').length]).toEqual([3, 1]);
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

  it('ends with 130 when it is interrupted while it waits for lines, and leaves no process behind', async () => {
    const child = start(withFastText);
    const answer = child.stdout && once(child.stdout, 'data');
    child.stdin?.write(`${calm}\n`);
    await answer;
    await waitFor('classifier', async () => (await descendantPids(child.pid ?? 0)).length > 0);
    const below = await descendantPids(child.pid ?? 0);
    child.kill('SIGINT');
    expect(await ended(child)).toMatchObject({ code: 130, stderr: expect.stringContaining('Interrupted') });
    for (const pid of below) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('holds a line back that cannot be checked', () => expectFate('block', 1, 'blocked'));

  it.each([
    ['no classifier', [], 2, 'There is no classifier; name a model with --classifier'],
    [
      'a classifier that is none',
      ['--classifier', 'a fox'],
      2,
      '--classifier "a fox" must be a model: .onnx',
    ],
    ['a model for a prompt', [...withFastText, 'b.onnx'], 2, 'write --classifier before each model'],
    ['two kinds of output', [...withFastText, '--json', '--pass'], 2, '--pass prints the lines themselves'],
    ['an option that is none', ['--classifer', ...withFastText], 2, 'did you mean --classifier?'],
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
      'several are set',
    ],
    [
      'one activation for two',
      ['--activation', 'none', ...withFastText, ...withFastText],
      2,
      '--activation applies to a single',
    ],
    [
      'an activation that is none',
      ['--activation', 'relu', ...withFastText],
      2,
      'must be auto, none, sigmoid or softmax',
    ],
    [
      'a hash of no file',
      [...withFastText, '--file-sha256', 'ab'.repeat(32)],
      2,
      'must be NAME=HASH, the hash 64 hexadecimal digits',
    ],
    [
      'a tokenizer for a model that has none',
      ['--tokenizer', 'tokenizer.json', ...withFastText, 'a fox'],
      2,
      'is a fastText model, which has no tokenizer: remove the tokenizer tokenizer.json.',
    ],
    ['a reaction that is none', ['--on-unavailable', 'no', ...withFastText], 2, 'must be block or allow'],
  ])('refuses %s in one line', async (_, args, code, message) => {
    const { stderr, ...rest } = await runHere(['safety-check', ...args], { FASTVIDEO_SAFETY_CLASSIFIER: '' });
    expect(rest).toEqual({ code, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^fastvideo: .*\n$/);
  });

  it('refuses a file that is missing in one line', async () => {
    const { stderr, ...rest } = await check(['--classifier', '/nope.ftz'], `${calm}\n`);
    expect(rest).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^fastvideo: .*\/nope.ftz cannot be read: there is no such file.*\n$/);
  });
});
