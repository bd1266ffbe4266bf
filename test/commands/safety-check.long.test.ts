import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brutal, calm, fastTextModel, languageModel, textModel, tokensModel } from '../safety/fixtures.ts';
import { descendantPids } from '../support/child-pids.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ended } from './ended.ts';
import { check, decisions, expectFate, start, withFastText } from './safety-check-process.ts';

const bin = join(repositoryRoot, 'bin/fastvideo.js');

describe('fastvideo safety-check', () => {
  it('stops with --fail-fast at the first blocked line, which it tells', async () => {
    const child = start(['--fail-fast', '--batch', '2', ...withFastText]);
    // stdin stays open: it does not wait for more.
    child.stdin?.write(`${calm}\n${brutal}\n${calm}\n${calm}\n${calm}\n`);
    const { code, stdout } = await ended(child);
    expect([code, stdout.trim().split('\n').length]).toEqual([3, 2]);
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

  it('ends with 130 when it is interrupted while it loads, and leaves no process behind', async () => {
    const child = start(withFastText);
    child.stdin?.write(`${calm}\n`);
    await waitFor('classifier', async () => (await descendantPids(child.pid ?? 0)).length > 0);
    const below = await descendantPids(child.pid ?? 0);
    child.kill('SIGINT');
    expect(await ended(child)).toMatchObject({ code: 130, stderr: expect.stringContaining('Interrupted') });
    for (const pid of below) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('lets a line through that cannot be checked where it is told to', () =>
    expectFate('allow', 0, 'allowed'));

  it.each([
    ['a wrong hash', ['--sha256', 'ab'.repeat(32), ...withFastText], 2, 'the expected SHA-256'],
    ['a label that is none', ['--labels', 'nope', ...withFastText], 2, 'has no label "nope"'],
    [
      'a tokenizer that is none',
      ['--tokenizer', bin, '--classifier', tokensModel],
      2,
      'is not a usable tokenizer.json',
    ],
  ])('refuses %s in one line', async (_, args, code, message) => {
    const { stderr, ...rest } = await check(args, `${calm}\n`);
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
