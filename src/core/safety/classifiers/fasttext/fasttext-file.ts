import { FastVideoError } from '../../../base/errors.ts';
import { withoutPrefix } from '../blocked-labels.ts';
import { FileCursor } from '../file-cursor.ts';

const magic = 793_712_314;
const newestVersion = 12;
const supervised = 3;
const labelEntry = 1;

/**
 * The labels of a fastText model, and proof that the file is whole: fastText itself loads a file that is cut off
 * without complaint, and then knows nothing. Throws `config_invalid`.
 *
 * The layout is that of `FastText::saveModel` (https://github.com/facebookresearch/fastText, src/fasttext.cc), and of
 * `save` in args.cc, dictionary.cc, densematrix.cc, quantmatrix.cc and productquantizer.cc.
 */
export function readFastTextLabels(path: string): string[] {
  using file = new FileCursor(path);
  const refuse = (what: string) =>
    new FastVideoError('config_invalid', `The safety classifier ${path} ${what}.`);
  try {
    if (file.int32() !== magic) throw refuse('is not a fastText model');
    const version = file.int32();
    if (version < 11 || version > newestVersion) throw refuse(`has fastText format ${version}, not 11 or 12`);
    const model = readArgs(file);
    if (model !== supervised) throw refuse('is a fastText model of word vectors, not a classifier');
    const labels = readDictionary(file);
    if (labels.length === 0) throw refuse('has no labels');
    for (const _ of ['input', 'output']) skipMatrix(file);
    if (file.left !== 0) throw refuse(`has ${file.left} bytes too many`);
    return labels;
  } catch (error) {
    if (error instanceof RangeError) throw refuse('is truncated');
    throw error;
  }
}

/** Gives which kind of model it is. */
function readArgs(file: FileCursor): number {
  // dim, ws, epoch, minCount, neg, wordNgrams, loss
  file.skip(7 * 4);
  const model = file.int32();
  // bucket, minn, maxn, lrUpdateRate, and t as a double
  file.skip(4 * 4 + 8);
  return model;
}

function readDictionary(file: FileCursor): string[] {
  const size = file.int32();
  // nwords, nlabels, and ntokens as an int64
  file.skip(2 * 4 + 8);
  const pruned = file.int64();
  const labels: string[] = [];
  for (let entry = 0; entry < size; entry += 1) {
    const word = file.text();
    file.skip(8);
    if (file.uint8() === labelEntry) labels.push(withoutPrefix(word));
  }
  file.skip(Math.max(0, pruned) * 8);
  return labels;
}

function skipMatrix(file: FileCursor): void {
  const quantised = file.uint8() !== 0;
  if (!quantised) {
    const rows = file.int64();
    file.skip(rows * file.int64() * 4);
    return;
  }
  const normalised = file.uint8() !== 0;
  const rows = file.int64();
  file.skip(8);
  file.skip(file.int32());
  skipQuantiser(file);
  if (!normalised) return;
  file.skip(rows);
  skipQuantiser(file);
}

function skipQuantiser(file: FileCursor): void {
  const dimensions = file.int32();
  // nsubq, dsub, lastdsub, then 256 centroids
  file.skip(3 * 4 + dimensions * 256 * 4);
}
