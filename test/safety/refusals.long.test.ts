import { copyFile, mkdtemp, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClassifierOptions } from '../../src/core/safety/safety-options.ts';
import { fastTextModel, filterWith, languageModel, tokensModel } from './fixtures.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-safety-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** A copy of a model with the named files beside it, in a folder of its own. */
async function copy(model: string, companions: readonly string[] = []): Promise<string> {
  const folder = await mkdtemp(join(directory, 'model-'));
  for (const name of [basename(model), ...companions])
    await copyFile(join(dirname(model), name), join(folder, name));
  return join(folder, basename(model));
}

async function refusal(...classifiers: ClassifierOptions[]): Promise<string> {
  const error: unknown = await filterWith({ classifiers }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'start_failed' });
  const { message } = error as Error;
  expect(message).not.toContain('\n');
  return message;
}

describe('a safety filter that cannot be loaded', () => {
  it.each([fastTextModel, languageModel])('sees at any length that %s is cut off', async (model) => {
    const path = await copy(model);
    const { length } = await readFile(path);
    for (const share of [0.999, 0.7, 0.3, 0.01, 0.00001]) {
      await truncate(path, Math.ceil(length * share));
      expect(await refusal({ path, labels: ['en', 'unsafe'] })).toBe(
        `The safety classifier ${path} is cut off.`,
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
