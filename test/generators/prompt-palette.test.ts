import { describe, expect, it } from 'vitest';
import { promptPalette } from '../../src/core/generators/onnx/prompt-palette.ts';
import { promptWords } from '../../src/core/generators/onnx/prompt-words.ts';

const palette = (prompt: string, seed = 1) => promptPalette(promptWords(prompt), seed);
const hues = (prompt: string) => palette(prompt).map(([, , hue]) => hue);
const isNear = (hue: number, wanted: number, within: number) =>
  Math.abs(((hue - wanted + 540) % 360) - 180) <= within;

describe('The palette of a prompt', () => {
  it('always has four colours within the bounds of OKLCH', () => {
    for (const prompt of [
      '',
      'red',
      'red green blue yellow pink',
      'snow',
      'forest and sea',
      'nothing coloured',
    ]) {
      const colors = palette(prompt);
      expect(colors.length).toBe(4);
      for (const [lightness, chroma, hue] of colors) {
        expect(lightness).toBeGreaterThan(0.1);
        expect(lightness).toBeLessThan(1.01);
        expect(chroma).toBeGreaterThanOrEqual(0);
        expect(chroma).toBeLessThan(0.32);
        expect(hue).toBeGreaterThanOrEqual(0);
        expect(hue).toBeLessThan(360);
      }
    }
  });

  it('begins with the colour words in their order', () => {
    const [first = 0, second = 0] = hues('a red fox in blue snow');
    expect(isNear(first, 28, 6)).toBe(true);
    expect(isNear(second, 258, 6)).toBe(true);
  });

  it('is shades of one colour where only one is named', () => {
    for (const hue of hues('a green thing')) expect(isNear(hue, 143, 30)).toBe(true);
  });

  it('knows plurals and the colours of a scene', () => {
    expect(isNear(hues('forests')[0] ?? 0, 145, 6)).toBe(true);
    expect(isNear(hues('reds and blues')[1] ?? 0, 258, 6)).toBe(true);
  });

  it('has light and dark in it, so that shapes can be seen', () => {
    for (const prompt of ['red', 'yellow', 'navy', 'blue snow', 'a cat', 'beach']) {
      const lightnesses = palette(prompt).map(([lightness]) => lightness);
      expect(Math.max(...lightnesses) - Math.min(...lightnesses)).toBeGreaterThan(0.2);
    }
  });

  it('is varied a little by the seed', () => {
    expect(palette('red', 1)).not.toEqual(palette('red', 2));
  });
});
