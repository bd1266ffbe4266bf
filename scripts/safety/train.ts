import { seededNormal } from '../../src/core/generators/seeded-random.ts';
import type { Sentence } from './sentences.ts';
import { specialTokens, wordIds } from './tokenizer.ts';

export const dimensions = 8;
const epochs = 150;
const learningRate = 0.5;

export interface Weights {
  /** [tokens, dimensions]; zero for the special tokens. */
  readonly embeddings: Float64Array;
  /** [dimensions]: of the score of `unsafe`; that of `safe` is its negative. */
  readonly direction: Float64Array;
}

/** The mean of word vectors and one direction, by plain gradient descent on the logistic loss. The same each time. */
export function train(sentences: readonly Sentence[], vocab: ReadonlyMap<string, number>): Weights {
  const normal = seededNormal(7);
  const embeddings = Float64Array.from({ length: vocab.size * dimensions }, (_, index) =>
    index < specialTokens.length * dimensions ? 0 : normal() * 0.1,
  );
  const direction = Float64Array.from({ length: dimensions }, () => normal() * 0.5);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (const { text, unsafe } of sentences) {
      step(embeddings, direction, wordIds(vocab, text), unsafe ? 1 : 0);
    }
  }
  return { embeddings, direction };
}

function step(
  embeddings: Float64Array,
  direction: Float64Array,
  ids: readonly number[],
  target: number,
): void {
  const mean = new Float64Array(dimensions);
  for (const id of ids) {
    for (let at = 0; at < dimensions; at += 1) {
      mean[at] = (mean[at] ?? 0) + (embeddings[id * dimensions + at] ?? 0) / ids.length;
    }
  }
  const score = mean.reduce((sum, value, at) => sum + value * (direction[at] ?? 0), 0);
  // Two logits, score and -score: their softmax is the logistic function of twice the score.
  const slope = learningRate * (target - 1 / (1 + Math.exp(-2 * score)));
  for (let at = 0; at < dimensions; at += 1) {
    const along = direction[at] ?? 0;
    direction[at] = along + slope * (mean[at] ?? 0);
    for (const id of ids) {
      const place = id * dimensions + at;
      embeddings[place] = (embeddings[place] ?? 0) + (slope * along) / ids.length;
    }
  }
}
