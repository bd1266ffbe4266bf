import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StandInProvider, startStandInProvider } from '../support/stand-in-provider.ts';
import { enhancerOver } from './enhancers.ts';
import { modelAnswers } from './model-answers.ts';

describe('an answer of a model', () => {
  let provider: StandInProvider;
  beforeAll(async () => {
    provider = await startStandInProvider();
  });
  afterAll(() => provider.stop());

  const written = modelAnswers.filter((one) => 'prompt' in one);
  const lists = modelAnswers.filter((one) => 'prompts' in one);
  const failures = modelAnswers.filter((one) => 'failure' in one);

  it.each(written)('is read: $from', async ({ body, prompt }) => {
    provider.reply({ kind: 'raw', body });
    const enhancer = enhancerOver([provider]);
    expect((await enhancer.enhance('a fox')).content).toBe(prompt);
    expect((await enhancer.autoExtend(['a fox'])).content).toBe(prompt);
  });

  it.each(lists)('is read as a list: $from', async ({ body, prompts, id, label }) => {
    provider.reply({ kind: 'raw', body });
    const answer = await enhancerOver([provider]).rewrite(prompts.map(() => 'a fox'));
    expect(answer).toMatchObject({ prompts, raw: expect.any(String) });
    expect([answer.id, answer.label]).toEqual([id, label]);
  });

  it.each(failures)(
    'is a failure, and the next provider is asked: $from',
    async ({ body, failure, count }) => {
      provider.reply({ kind: 'raw', body });
      await using next = await startStandInProvider();
      next.reply({ kind: 'answer', content: count === undefined ? 'A dog.' : '1. A dog.\n2. It runs.' });
      const ask = (standIns: readonly StandInProvider[]) => {
        const enhancer = enhancerOver(standIns);
        return count === undefined
          ? enhancer.enhance('a fox')
          : enhancer.rewrite(Array.from({ length: count }, () => 'a fox'));
      };
      const error = { code: 'prompt_failed', retryable: true, message: expect.stringMatching(failure) };
      await expect(ask([provider])).rejects.toMatchObject(error);
      expect(await ask([provider, next])).toMatchObject({ provider: 'two', fallbackUsed: true });
    },
  );
});
