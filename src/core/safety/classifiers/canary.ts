import { FastVideoError } from '../../base/errors.ts';
import type { TextClassifier } from './text-classifier.ts';

const canaries = [
  'a quiet lake at dawn, mist over the water',
  'two people argue loudly in a dark alley',
  'x',
  // As long as a piece of a prompt may be: a model that cannot take its share of it says so now.
  'a quiet lake at dawn '.repeat(180),
];

/**
 * Predicts once: a damaged file, or labels of another model, show here and not with the first prompt. Throws
 * `start_failed`.
 */
export async function checkCanaries(path: string, { labels, score }: TextClassifier): Promise<void> {
  let rows: readonly ArrayLike<number>[];
  try {
    rows = await score(canaries);
  } catch (error) {
    const why = error instanceof Error ? error.message : `error ${String(error)}`;
    throw failed(path, `fails on a trial prompt: ${why}`, error);
  }
  if (rows.length !== canaries.length) {
    throw failed(path, `gives ${rows.length} rows of scores for ${canaries.length} prompts`);
  }
  for (const row of rows) {
    if (row.length !== labels.length) {
      throw failed(path, `gives ${row.length} scores, but has ${labels.length} labels: ${labels.join(', ')}`);
    }
    const odd = Array.from(row).find((value) => !(value >= 0 && value <= 1));
    if (odd !== undefined)
      throw failed(path, `gives ${odd} as a probability; the file is damaged, or not a classifier`);
  }
}

function failed(path: string, what: string, cause?: unknown): FastVideoError {
  return new FastVideoError('start_failed', `The safety classifier ${path} ${what}.`, { cause });
}
