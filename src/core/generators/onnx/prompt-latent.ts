import { seededNormal } from '../seeded-random.ts';
import { textHash } from '../text-hash.ts';
import { promptPalette } from './prompt-palette.ts';
import { promptWords } from './prompt-words.ts';

/** Numbers in a latent: 20 for shape, movement and sound, then four colours of three (OKLab L, a, b). */
export const latentLength = 32;
export const shapeLength = 20;

/** How much each kind of feature counts; what the seed adds makes takes of one prompt differ, yet look related. */
const featureWeights = { word: 1, pair: 0.6, letters: 0.25, seed: 1.1 };

/**
 * The latent of a prompt: the same for the same words and seed, near for prompts that share words. The shape part is
 * a signed hash of words, word pairs and letter triples plus the seed, scaled to |z|^2 = 20. Six decimals, so that it
 * stays short and exact in JSON.
 */
export function promptLatent(prompt: string, seed: number): number[] {
  const words = promptWords(prompt);
  const shape = new Float64Array(shapeLength);
  words.forEach((word, index) => {
    addFeature(shape, `word ${word}`, featureWeights.word);
    const next = words[index + 1];
    if (next !== undefined) addFeature(shape, `pair ${word} ${next}`, featureWeights.pair);
    for (let at = 0; at + 3 <= word.length; at++) {
      addFeature(shape, `letters ${word.slice(at, at + 3)}`, featureWeights.letters);
    }
  });
  // Long prompts add up to long vectors: the seed's share must not shrink with them.
  scaleTo(shape, words.length === 0 ? 0 : 1);
  const seedPart = new Float64Array(shapeLength);
  addFeature(seedPart, `seed ${seed}`, 1);
  scaleTo(seedPart, featureWeights.seed);
  for (const [index, value] of seedPart.entries()) shape[index] = (shape[index] ?? 0) + value;
  scaleTo(shape, Math.sqrt(shapeLength));
  const colors = promptPalette(words, seed).flatMap(([lightness, chroma, hue]) => {
    const angle = (hue * Math.PI) / 180;
    return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
  });
  return [...shape, ...colors].map((value) => Number(value.toFixed(6)));
}

function addFeature(vector: Float64Array, feature: string, weight: number): void {
  const normal = seededNormal(textHash(feature));
  for (let index = 0; index < vector.length; index++) {
    vector[index] = (vector[index] ?? 0) + weight * normal();
  }
}

/** Gives the vector this length; a vector of zeros stays one. */
function scaleTo(vector: Float64Array, length: number): void {
  const norm = Math.hypot(...vector);
  if (norm === 0) return;
  for (let index = 0; index < vector.length; index++) vector[index] = ((vector[index] ?? 0) * length) / norm;
}
