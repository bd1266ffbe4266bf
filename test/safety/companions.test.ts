import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verdicts, written } from './built-models.ts';
import { brutal, calm, tokensModel, wordsModel } from './fixtures.ts';
// Makes the folder, and takes it away.
import { copy } from './refused-filter.ts';

const prompts = ['a quiet lake at dawn', 'kill the dog'];
const two = { base: [4, -4], kill: [-8, 8] };
const labelled = (config: object) => written(two, { 'config.json': JSON.stringify(config) });

describe('the labels of an ONNX model', () => {
  it.each([
    ['a mapping', { id2label: { 0: 'safe', 1: 'unsafe' } }, undefined],
    ['a mapping in another order', { id2label: { 1: 'unsafe', 0: 'safe' } }, undefined],
    ['a list', { id2label: ['safe', 'unsafe'] }, undefined],
    ['numbers', { id2label: { 0: 0, 1: 1 } }, ['1']],
    ['a list of numbers', { id2label: [0, 1] }, ['1']],
    ['the other way round', { label2id: { unsafe: 1, safe: 0 } }, undefined],
  ])('are read from config.json as %s', async (_, config, labels) => {
    const path = await labelled(config);
    expect(await verdicts(prompts, { path, labels })).toMatchObject([{ blocked: false }, { blocked: true }]);
  });

  it.each([
    ['with a gap', { id2label: { 0: 'safe', 2: 'unsafe' } }, 'id2label has no label for output 1'],
    [
      'with names for indexes',
      { id2label: { safe: '0', unsafe: '1' } },
      'id2label has no label for output 0',
    ],
    ['that are one twice', { label2id: { safe: 0, unsafe: 0 } }, 'label2id has no label for output 1'],
    ['that are a text', { id2label: 'safe,unsafe' }, 'id2label must give each output a label'],
    ['that are no texts', { id2label: [null, true] }, 'id2label must give each output a label'],
    ['that are empty', { id2label: { 0: ' ', 1: 'unsafe' } }, 'id2label.0 must not be empty'],
    ['that are none', { id2label: [] }, 'are not known'],
    ['of other outputs', { id2label: ['safe', 'unsafe', 'x'] }, 'gives 2 scores, but has 3 labels'],
  ])('are refused %s', async (_, config, why) => {
    const refusal = verdicts(prompts, { path: await labelled(config) });
    await expect(refusal).rejects.toThrow(why);
    await expect(refusal).rejects.toThrow(/^[^\n]*$/);
  });

  it('are read from labels.txt with a byte order mark and other line ends', async () => {
    const path = await written(two, { 'labels.txt': '\ufeffunsafe\r\nsafe\r\n\r\n' });
    expect(await verdicts(prompts, { path })).toMatchObject([{ blocked: true }, { blocked: false }]);
  });

  it('are refused from a labels.txt with an empty line, or with another order than config.json', async () => {
    const gap = await written(two, { 'labels.txt': '\nunsafe\n' });
    await expect(verdicts(prompts, { path: gap })).rejects.toThrow('line 1 is empty');
    const config = JSON.stringify({ id2label: ['safe', 'unsafe'] });
    const other = await written(two, { 'labels.txt': 'unsafe\nsafe\n', 'config.json': config });
    await expect(verdicts(prompts, { path: other })).rejects.toThrow(
      'it has the labels of config.json in another order: unsafe, safe and safe, unsafe',
    );
  });

  it("are known without the prefix that fastText's have", async () => {
    const path = await labelled({ id2label: ['__class__safe', '__class__unsafe'] });
    expect(await verdicts(prompts, { path })).toMatchObject([{ blocked: false }, { blocked: true }]);
    const mixed = await labelled({ id2label: ['safe', '#unsafe'] });
    await expect(verdicts(prompts, { path: mixed })).rejects.toThrow('none of the labels that are blocked');
  });
});

const names = ['tokenizer.json', 'tokenizer_config.json', 'config.json'];

describe('the files beside an ONNX model', () => {
  it('may begin with a byte order mark', async () => {
    const path = await copy(tokensModel, names);
    for (const name of names) {
      const file = join(dirname(path), name);
      await writeFile(file, `\ufeff${await readFile(file, 'utf8')}`);
    }
    expect(await verdicts([calm, brutal], { path })).toMatchObject([{ blocked: false }, { blocked: true }]);
  });

  it('are refused where they are not UTF-8', async () => {
    const path = await copy(tokensModel, names);
    const file = join(dirname(path), 'config.json');
    await writeFile(file, Buffer.from(await readFile(file, 'utf8'), 'utf16le'));
    await expect(verdicts([calm], { path })).rejects.toThrow(
      /config\.json is not a usable config\.json: [^\n]*$/,
    );
  });
});

describe('a text that the model fails on', () => {
  it('leaves the others in its batch their answers', async () => {
    const path = await copy(tokensModel, names);
    const file = join(dirname(path), 'tokenizer.json');
    const tokenizer = JSON.parse(await readFile(file, 'utf8'));
    // A token that the model has no vector for.
    tokenizer.model.vocab.zzz = 100_000;
    await writeFile(file, JSON.stringify(tokenizer));
    expect(await verdicts([calm, 'a zzz', brutal], { path })).toMatchObject([
      { blocked: false },
      { unknown: expect.stringMatching(/^[^\n]*100000[^\n]*$/) },
      { blocked: true },
    ]);
  });
});

describe('a text that takes several windows', () => {
  it('is blocked for one of them, however sure the model is of the others', async () => {
    const unsafe = `${brutal} `.repeat(12);
    const safe = `${calm} `.repeat(60);
    const [alone, among] = await verdicts([unsafe, `${safe}${unsafe}${safe}`], { path: tokensModel });
    expect(alone).toMatchObject({ blocked: true });
    // Each window has a probability of its own: not the highest logit of each label among all.
    expect(among).toMatchObject({ blocked: true, score: expect.closeTo(1, 1) });
  });
});

describe('a fastText model', () => {
  it('has no answer to a text of which it knows nothing', async () => {
    expect(await verdicts(['zzz qqq', 'zzz kill', 'a lake'], { path: wordsModel })).toMatchObject([
      { unknown: 'words.bin knows no word of the prompt, and so cannot tell whether it is safe.' },
      { blocked: true },
      { blocked: false },
    ]);
  });

  it('takes no activation', async () => {
    await expect(verdicts(['a lake'], { path: wordsModel, activation: 'sigmoid' })).rejects.toThrow(
      'remove the activation sigmoid.',
    );
  });
});
