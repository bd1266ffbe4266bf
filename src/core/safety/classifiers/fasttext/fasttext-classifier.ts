import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type FastTextModel, getFastTextClass, getFastTextModule } from 'fasttext.wasm.js';
import { errorMessage, FastVideoError } from '../../../base/errors.ts';
import type { ClassifierSettings } from '../../process/messages.ts';
import { withoutPrefix } from '../blocked-labels.ts';
import type { TextClassifier } from '../text-classifier.ts';
import { readFastTextLabels } from './fasttext-file.ts';

/** Labels below it are not asked for: most of fastText's time would go into listing them. They count as 0. */
const lowestScore = 0.01;

/** Loads a fastText model. Throws `config_invalid`. */
export async function openFastTextClassifier({
  path,
  threshold,
  activation,
}: ClassifierSettings): Promise<TextClassifier> {
  if (activation !== 'auto') {
    const message = `The safety classifier ${path} is a fastText model, which gives probabilities already: remove the activation ${activation}.`;
    throw new FastVideoError('config_invalid', message);
  }
  const labels = readFastTextLabels(path);
  const model = await load(path);
  const places = new Map(labels.map((label, index) => [label, index]));
  const lowest = Math.min(lowestScore, threshold / 2);
  const unknown = new Error(
    `${basename(path)} knows no word of the prompt, and so cannot tell whether it is safe.`,
  );
  const scoreOne = (text: string): Float64Array | Error => {
    const scores = new Float64Array(labels.length);
    const line = oneLine(text);
    const found = model.predict(line, labels.length, lowest);
    try {
      if (found.size() === 0 && !knowsAnythingOf(model, line)) return unknown;
      for (let at = 0; at < found.size(); at += 1) {
        const [score, label] = found.get(at);
        const place = places.get(withoutPrefix(label));
        // Its sums of single precision come out a little above 1 at times.
        if (place !== undefined) scores[place] = Math.min(1, score);
      }
    } finally {
      // It lives in WebAssembly's memory, out of the garbage collector's reach.
      found.delete();
    }
    return scores;
  };
  return { labels, score: async (texts) => texts.map(scoreOne) };
}

/** Without a word or a part of one that is in its dictionary the model has no answer: not that no label fits. */
function knowsAnythingOf(model: FastTextModel, line: string): boolean {
  const found = model.predict(line, 1, 0);
  try {
    return found.size() > 0;
  } finally {
    found.delete();
  }
}

/** A text goes up to its first line end or `</s>`, which is the same to fastText: the rest would go unseen. */
function oneLine(text: string): string {
  return text.replaceAll(/[\n\r\v\f\0]|<\/s>/g, ' ');
}

async function load(path: string): Promise<FastTextModel> {
  try {
    // A class of its own: a second model in the same one would silently answer as the first.
    const FastText = await getFastTextClass({ getFastTextModule });
    // A bare path would be fetched over HTTP.
    return await new FastText().loadModel(pathToFileURL(path).href);
  } catch (error) {
    // What WebAssembly throws is the address of a C++ exception.
    const why = typeof error === 'number' ? 'fastText cannot read it' : errorMessage(error);
    throw new FastVideoError('config_invalid', `The safety classifier ${path} cannot be loaded: ${why}.`, {
      cause: error,
    });
  }
}
