import { readFile } from 'node:fs/promises';
import { FastTextModel, getFastTextClass, getFastTextModule } from 'fasttext.wasm.js';
import { sentencesFile } from './sentences.ts';

/** Words, their parts of 3 to 5 letters, 10 dimensions: a file of 230 KB. The same each time: one thread, one seed. */
const settings = {
  lr: 0.5,
  dim: 10,
  epoch: 25,
  minCount: 1,
  minn: 3,
  maxn: 5,
  bucket: 5000,
  loss: 'softmax',
  verbose: 0,
};

/** A fastText model of the same sentences, as its file. */
export async function fastTextModel(): Promise<Uint8Array> {
  return trained(await readFile(sentencesFile), settings);
}

/** A tiny one of whole words alone: of a text without any of them it knows nothing, for the line's end is no word of it. */
export async function wordsModel(): Promise<Uint8Array> {
  const safe = 'a quiet lake at dawn, mist over the water x two people argue loudly in a dark alley';
  const lines = `__label__safe ${safe}\n__label__unsafe kill the dog\n`.repeat(20);
  const own = { lr: 0.1, dim: 4, minn: 0, maxn: 0, bucket: 300 };
  const model = Buffer.from(await trained(Buffer.from(lines), { ...settings, ...own }));
  model.write('<#s>', model.indexOf('</s>'));
  return model;
}

async function trained(lines: Buffer, options: typeof settings): Promise<Uint8Array> {
  const FastText = await getFastTextClass({ getFastTextModule });
  // It is fetched, and Node's fetch knows no files.
  const url = `data:text/plain;base64,${lines.toString('base64')}`;
  // It calls back whether it was given something to call or not.
  const model = await new FastText().trainSupervised(url, options, () => undefined);
  if (!(model instanceof FastTextModel)) throw new Error('fastText gave no model.');
  return new Uint8Array(await model.saveModel().arrayBuffer());
}
