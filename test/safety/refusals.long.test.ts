import { readFile, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fastTextModel, filterWith, languageModel, tokensModel } from './fixtures.ts';
import { copy, refusal } from './refused-filter.ts';

describe('a safety filter that cannot be loaded', () => {
  it.each([fastTextModel, languageModel])('sees at any length that %s is cut off', async (model) => {
    const path = await copy(model);
    const { length } = await readFile(path);
    for (const share of [0.999, 0.7, 0.3, 0.01, 0.00001]) {
      await truncate(path, Math.ceil(length * share));
      expect(await refusal({ path, labels: ['en', 'unsafe'] })).toBe(
        `The safety classifier ${path} is truncated.`,
      );
    }
  });

  it('sees that an ONNX model is cut off', async () => {
    const path = await copy(tokensModel, ['tokenizer.json', 'config.json']);
    await truncate(path, 9000);
    expect(await refusal({ path })).toContain('is not an ONNX model, or damaged: ');
  });

  it('finds what is missing where it is told', async () => {
    const path = await copy(tokensModel);
    const given = { tokenizerPath: dirname(tokensModel), modelLabels: ['fine', 'nsfw'] };
    await using filter = await filterWith({ classifiers: [{ path, ...given }] });
    expect(await filter.check(['a bloody knife'])).toMatchObject([{ decision: 'block', label: 'nsfw' }]);
  });

  it('sees a slip in one of several labels', async () => {
    const labels = ['unsafe', 'unsave'];
    expect(await refusal({ path: fastTextModel, labels })).toMatch(
      /^No safety classifier has the label "unsave"\./,
    );
  });
});
