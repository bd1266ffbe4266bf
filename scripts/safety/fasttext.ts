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
  const FastText = await getFastTextClass({ getFastTextModule });
  // It is fetched, and Node's fetch knows no files.
  const url = `data:text/plain;base64,${(await readFile(sentencesFile)).toString('base64')}`;
  // It calls back whether it was given something to call or not.
  const model = await new FastText().trainSupervised(url, settings, () => undefined);
  if (!(model instanceof FastTextModel)) throw new Error('fastText gave no model.');
  return new Uint8Array(await model.saveModel().arrayBuffer());
}
