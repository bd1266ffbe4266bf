import { seededRandom } from '../seeded-random.ts';
import { textHash } from '../text-hash.ts';
import { colorWords, type Oklch, sceneWords } from './color-lexicon.ts';

/** The hues of a palette without colour words: degrees from its first hue. */
const schemes: readonly (readonly number[])[] = [
  [0, 35, -30, 70],
  [0, 30, 180, 205],
  [0, 120, 240, 20],
  [0, 150, 210, -25],
  [0, 60, 175, -45],
];
/** A dark, a middle, a bright and a rich one: shapes read by lightness before hue. */
const schemeTones: readonly (readonly [lightness: number, chroma: number])[] = [
  [0.62, 0.19],
  [0.36, 0.13],
  [0.86, 0.1],
  [0.7, 0.17],
];

/**
 * Four colours for a prompt. Its colour words come first, in their order; then shades of these, so that they
 * dominate; words of a scene (`snow`, `forest`) add theirs. Without either, a hue scheme from the hash.
 */
export function promptPalette(words: readonly string[], seed: number): readonly Oklch[] {
  const random = seededRandom(textHash(`palette ${seed} ${words.join(' ')}`));
  const named = lookUp(words, colorWords).slice(0, 4);
  const scene = lookUp(words, sceneWords);
  if (named.length > 0) return fill(named, scene.slice(0, named.length === 1 ? 2 : 1), random);
  const onlyScene = scene[0];
  if (onlyScene !== undefined) {
    return fill(
      scene.length === 1 ? [onlyScene, counterOf(onlyScene, random)] : scene.slice(0, 4),
      [],
      random,
    );
  }
  const first = random() * 360;
  const scheme = schemes[Math.floor(random() * schemes.length)] ?? [];
  return schemeTones.map(([lightness, chroma], index) => [
    lightness + (random() - 0.5) * 0.08,
    chroma,
    degrees(first + (scheme[index] ?? 0)),
  ]);
}

/** The colours of the words found, each once; a plural's `s` does not hide a word. */
function lookUp(words: readonly string[], lexicon: ReadonlyMap<string, Oklch>): Oklch[] {
  const found = new Set<Oklch>();
  for (const word of words) {
    const color = lexicon.get(word) ?? (word.endsWith('s') ? lexicon.get(word.slice(0, -1)) : undefined);
    if (color !== undefined) found.add(color);
  }
  return [...found];
}

/** The given colours, one of the scene, and shades of the given ones until there are four. */
function fill(given: readonly Oklch[], scene: readonly Oklch[], random: () => number): Oklch[] {
  const colors = given.map((color) => vary(color, random));
  for (const color of scene) if (colors.length < 3) colors.push(vary(color, random));
  for (let index = 0; colors.length < 4; index++) {
    const source = given[index % given.length];
    if (source === undefined) break;
    colors.push(shadeOf(source, colors, random));
  }
  return colors;
}

/** A colour from the far side of the wheel: one colour alone would look dull. */
function counterOf([lightness, , hue]: Oklch, random: () => number): Oklch {
  return [lightness > 0.6 ? 0.42 : 0.75, 0.13, degrees(hue + 130 + random() * 100)];
}

/** The seed moves a colour a little: the same prompt, another film. */
function vary([lightness, chroma, hue]: Oklch, random: () => number): Oklch {
  return [lightness + (random() - 0.5) * 0.05, chroma, degrees(hue + (random() - 0.5) * 10)];
}

/** A darker shade of a colour if the palette has nothing dark yet, else a brighter one, else a neighbour of it. */
function shadeOf([lightness, chroma, hue]: Oklch, palette: readonly Oklch[], random: () => number): Oklch {
  const shifted = degrees(hue + (random() - 0.5) * 36);
  const lightnesses = palette.map(([value]) => value);
  if (Math.min(...lightnesses) > 0.42) return [Math.max(0.24, lightness * 0.52), chroma * 0.72, shifted];
  if (Math.max(...lightnesses) < 0.72) return [Math.min(0.9, lightness + 0.3), chroma * 0.65, shifted];
  return [(lightness + 0.6) / 2, chroma * 0.9, degrees(hue + (random() < 0.5 ? -24 : 24))];
}

function degrees(angle: number): number {
  return ((angle % 360) + 360) % 360;
}
