import { createHash } from 'node:crypto';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readOnnxFile } from '../../src/core/safety/classifiers/onnx/onnx-file.ts';
import { verdicts, written } from './built-models.ts';
import { tokensModel } from './fixtures.ts';
import { copy } from './refused-filter.ts';

const prompts = ['a quiet lake at dawn', 'kill the dog'];
const labels = { 'labels.txt': 'safe\nunsafe\n' };
const model = { base: [4, -4], kill: [-8, 8], weights: 'model.onnx_data' };
const hashOf = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

describe('weights in a file of their own', () => {
  let path: string;
  let weights: string;
  let sha256: string;
  let fileHashes: { file: string; sha256: string }[];
  beforeEach(async () => {
    path = await written(model, labels);
    weights = join(dirname(path), 'model.onnx_data');
    sha256 = await hashOf(path);
    fileHashes = [{ file: 'model.onnx_data', sha256: await hashOf(weights) }];
  });

  it('are found in the file', () => {
    expect(readOnnxFile(path).externalFiles).toEqual(['model.onnx_data']);
  });

  it('are used where no hash is given, and where theirs is', async () => {
    const right = [{ blocked: false }, { blocked: true }];
    expect(await verdicts(prompts, { path })).toMatchObject(right);
    expect(await verdicts(prompts, { path, sha256, fileHashes })).toMatchObject(right);
  });

  it('are refused where the hash of the model is given without theirs', async () => {
    await expect(verdicts(prompts, { path, sha256 })).rejects.toThrow(
      `The safety classifier ${path} keeps weights in "model.onnx_data", which its SHA-256 does not cover: set the hash of that file too (--file-sha256 model.onnx_data=HASH, or file_hashes in the config).`,
    );
  });

  it('are refused where they were replaced', async () => {
    await writeFile(weights, Buffer.alloc(8));
    await expect(verdicts(prompts, { path, sha256, fileHashes })).rejects.toThrow(
      /model\.onnx_data does not have the expected SHA-256: it is \w{64}, not \w{64}\.$/,
    );
  });

  it('are refused where they are missing or cut off', async () => {
    await truncate(weights, 4);
    await expect(verdicts(prompts, { path })).rejects.toMatchObject({ code: 'config_invalid' });
    await rm(weights);
    await expect(verdicts(prompts, { path })).rejects.toThrow(
      `keeps weights in ${weights}, which cannot be read: there is no such file.`,
    );
  });

  it.each(['../weights', '/etc/hostname', 'a/../../weights'])(
    'are refused outside the folder: %s',
    async (file) => {
      const outside = await written({ base: model.base, kill: model.kill }, labels);
      const proto = await readFile(await written({ ...model, weights: 'W'.repeat(file.length) }, labels));
      proto.write(file, proto.indexOf('W'.repeat(file.length)));
      await writeFile(outside, proto);
      await expect(verdicts(prompts, { path: outside })).rejects.toThrow(
        `"${file}", which is not in its folder.`,
      );
    },
  );
});

describe('hashes of the files beside a model', () => {
  it('hold for what is read', async () => {
    const path = await copy(tokensModel, ['tokenizer.json', 'config.json']);
    for (const file of ['tokenizer.json', 'config.json']) {
      const right = { file, sha256: await hashOf(join(dirname(path), file)) };
      expect(await verdicts(['a quiet lake'], { path, fileHashes: [right] })).toMatchObject([
        { blocked: false },
      ]);
      const wrong = { file, sha256: 'ab'.repeat(32) };
      await expect(verdicts(prompts, { path, fileHashes: [wrong] })).rejects.toThrow(
        `${file} does not have the expected SHA-256: it is ${right.sha256}, not ${wrong.sha256}.`,
      );
    }
  });

  it('are refused for a file that is not read', async () => {
    const path = await copy(tokensModel, ['tokenizer.json', 'config.json']);
    const fileHashes = [{ file: 'model.onnx_data', sha256: 'ab'.repeat(32) }];
    await expect(verdicts(prompts, { path, fileHashes })).rejects.toThrow(
      `A SHA-256 is given for "model.onnx_data", which the safety classifier ${path} does not read; it reads`,
    );
  });
});

describe('an ONNX file', () => {
  it('that is cut off anywhere is refused', async () => {
    const path = await written(model, labels);
    const { length } = await readFile(path);
    for (let size = length - 1; size > 0; size -= 7) {
      await truncate(path, size);
      expect(() => readOnnxFile(path)).toThrow('is not an ONNX model, or damaged');
    }
  });
});
