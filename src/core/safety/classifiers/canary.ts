import { FastVideoError } from '../../base/errors.ts';
import type { TextClassifier } from './text-classifier.ts';

const short = ['a quiet lake at dawn, mist over the water', 'two people argue loudly in a dark alley', 'x'];
/** One as long as a piece of a prompt may be: a model that cannot take its share of it says so now. */
const canaries = [...short, 'a quiet lake at dawn '.repeat(180)];

/** How far a text's score alone and among others may be apart: weights of eight bits round by what is beside them. */
const tolerance = 0.25;

/**
 * Predicts a few texts: a damaged file, labels of another model, or scores that depend on who else asks, show here and
 * not with the first prompt. Throws `config_invalid`.
 */
export async function checkCanaries(path: string, classifier: TextClassifier): Promise<void> {
  const rows = await tried(path, classifier, canaries);
  for (const [at, text] of short.entries()) {
    const row = rows[at];
    if (row === undefined) continue;
    const [alone] = await tried(path, classifier, [text]);
    const apart = Array.from(alone ?? [], (value, label) => Math.abs(value - (row[label] ?? 0)));
    if (apart.some((difference) => difference > tolerance)) {
      const what =
        'gives a prompt another score in a batch than alone: it mixes the texts, or reads padding as text';
      throw failed(path, what);
    }
  }
}

/** The scores of texts, each a probability for each label; undefined for a text that the model says it has none for. */
async function tried(
  path: string,
  { labels, score }: TextClassifier,
  texts: readonly string[],
): Promise<readonly (ArrayLike<number> | undefined)[]> {
  let rows: Awaited<ReturnType<TextClassifier['score']>>;
  try {
    rows = await score(texts);
  } catch (error) {
    const why = error instanceof Error ? error.message : `error ${String(error)}`;
    throw failed(path, `fails on a trial prompt: ${why}`, error);
  }
  if (rows.length !== texts.length) {
    throw failed(path, `gives ${rows.length} rows of scores for ${texts.length} prompts`);
  }
  for (const row of rows) {
    if (row instanceof Error) continue;
    if (row.length !== labels.length) {
      throw failed(path, `gives ${row.length} scores, but has ${labels.length} labels: ${labels.join(', ')}`);
    }
    const odd = Array.from(row).find((value) => !(value >= 0 && value <= 1));
    if (odd !== undefined)
      throw failed(path, `gives ${odd} as a probability; the file is damaged, or not a classifier`);
  }
  return rows.map((row) => (row instanceof Error ? undefined : row));
}

function failed(path: string, what: string, cause?: unknown): FastVideoError {
  return new FastVideoError('config_invalid', `The safety classifier ${path} ${what}.`, { cause });
}
