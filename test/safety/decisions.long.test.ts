import { describe, expect, it } from 'vitest';
import { brutal, calm, fastTextModel, filterWith, tokensModel } from './fixtures.ts';

describe('a safety filter', () => {
  it('gives the same answer to a prompt alone and among others of every length', async () => {
    const prompts = Array.from(
      { length: 300 },
      (_, index) => `${calm} `.repeat(1 + (index % 7)) + (index % 3 ? brutal : ''),
    );
    for (const path of [tokensModel, fastTextModel]) {
      await using filter = await filterWith({ classifiers: [{ path }], batchSize: 50 });
      const together = await filter.check(prompts);
      const alone = await Promise.all(prompts.map(async (prompt) => (await filter.check([prompt]))[0]));
      expect(together.map(({ decision }) => decision)).toEqual(alone.map((one) => one?.decision));
      for (const [index, one] of together.entries())
        expect(one.score).toBeCloseTo(alone[index]?.score ?? -1, 4);
    }
  });
});
