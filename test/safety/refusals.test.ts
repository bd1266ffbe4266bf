import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  classifierPids,
  fastTextModel,
  filterWith,
  languageModel,
  textModel,
  tokensModel,
} from './fixtures.ts';
import { copy, refusal } from './refused-filter.ts';

describe('a safety filter that cannot be loaded', () => {
  it('says that the file is not there, not a file, empty, or of no known kind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fastvideo-refused-'));
    const empty = join(folder, 'empty.bin');
    await writeFile(empty, '');
    await copyFile(fastTextModel, join(folder, 'a'));
    expect(await refusal({ path: '/nope.onnx' })).toBe(
      'The safety classifier /nope.onnx cannot be read: there is no such file.',
    );
    expect(await refusal({ path: empty })).toBe(`The safety classifier ${empty} is empty.`);
    expect(await refusal({ path: join(folder, 'a') })).toContain(
      'is neither an ONNX model (.onnx) nor a fastText model',
    );
  });

  it('leaves no process behind', async () => {
    await refusal({ path: '/nope.onnx' });
    expect(await classifierPids()).toEqual([]);
  });

  it('names both hashes when they differ, and loads when they do not', async () => {
    const sha256 = createHash('sha256')
      .update(await readFile(textModel))
      .digest('hex');
    expect(await refusal({ path: textModel, sha256: 'ab'.repeat(32) })).toBe(
      `The safety classifier ${textModel} does not have the expected SHA-256: it is ${sha256}, not ${'ab'.repeat(32)}.`,
    );
    await using _ = await filterWith({ classifiers: [{ path: textModel, sha256: sha256.toUpperCase() }] });
  });

  it('sees that a fastText model is cut off', async () => {
    const path = await copy(fastTextModel);
    const { length } = await readFile(path);
    await truncate(path, Math.ceil(length * 0.999));
    expect(await refusal({ path })).toBe(`The safety classifier ${path} is truncated.`);
  });

  it.each(['.bin', '.onnx'])('sees that garbage with the ending %s is no model', async (ending) => {
    const path = join(await mkdtemp(join(tmpdir(), 'fastvideo-refused-')), `garbage${ending}`);
    await writeFile(path, Buffer.alloc(5000, 'garbage'));
    expect(await refusal({ path })).toMatch(/is not a fastText model\.|is not an ONNX model, or damaged: /);
  });

  it('says which files are missing beside an ONNX model', async () => {
    const noTokenizer = await copy(tokensModel, ['config.json']);
    expect(await refusal({ path: noTokenizer })).toContain('The tokenizer.json of the safety classifier');
    const noLabels = await copy(tokensModel, ['tokenizer.json']);
    expect(await refusal({ path: noLabels })).toContain(
      'put its config.json (with id2label) or a labels.txt into the same folder',
    );
    expect(await refusal({ path: tokensModel, tokenizerPath: '/nope' })).toBe(
      'The tokenizer /nope cannot be read: there is no such file.',
    );
  });

  it('sees with a trial prompt that the labels are of another model', async () => {
    const path = await copy(textModel);
    await writeFile(join(dirname(path), 'labels.txt'), 'safe\nunsafe\nother\n');
    expect(await refusal({ path })).toBe(
      `The safety classifier ${path} gives 2 scores, but has 3 labels: safe, unsafe, other.`,
    );
  });

  it('names the labels that there are when none is to be blocked', async () => {
    expect(await refusal({ path: fastTextModel, labels: ['nsfw'] })).toMatch(
      /has no label "nsfw"\. It has: (safe, unsafe|unsafe, safe)\.$/,
    );
    expect(await refusal({ path: languageModel })).toMatch(
      /has none of the labels that are blocked by default; name the labels to block\. It has: en, .* and 164 more\.$/,
    );
  });

  it('refuses a threshold that is no probability, and no classifier at all', async () => {
    for (const threshold of [0, -1, 1.1, Number.NaN]) {
      expect(await refusal({ path: fastTextModel, threshold })).toContain('must be above 0 and at most 1');
    }
    expect(await refusal()).toBe('The safety filter has no classifier.');
  });
});
