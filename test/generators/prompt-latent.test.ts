import { describe, expect, it } from 'vitest';
import { promptLatent } from '../../src/core/generators/onnx/prompt-latent.ts';

const shape = (prompt: string, seed = 1) => promptLatent(prompt, seed).slice(0, 20);
const distance = (one: number[], other: number[]) =>
  Math.hypot(...one.map((value, index) => value - (other[index] ?? 0)));

describe('The latent of a prompt', () => {
  it('has 32 finite numbers, and its shape part a squared length of 20, whatever the prompt', () => {
    for (const prompt of [
      '',
      ' ',
      'fox',
      '!!!',
      '東京の夜',
      'word '.repeat(10_000),
      '\ud800',
      'constructor __proto__',
    ]) {
      const latent = promptLatent(prompt, 1);
      expect(latent.length).toBe(32);
      expect(latent.every(Number.isFinite)).toBe(true);
      expect(latent.slice(0, 20).reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(20, 3);
    }
  });

  it('is the same for the same prompt and seed, through JSON too', () => {
    const latent = promptLatent('a red fox', 7);
    expect(promptLatent('a red fox', 7)).toEqual(latent);
    expect(JSON.parse(JSON.stringify(latent))).toEqual(latent);
  });

  it('does not care for case, punctuation or width of letters', () => {
    expect(promptLatent('A Red, FOX!', 7)).toEqual(promptLatent('a red fox', 7));
    expect(promptLatent('ａ red fox', 7)).toEqual(promptLatent('a red fox', 7));
  });

  it('differs for another order of words, another prompt and another seed', () => {
    expect(shape('dog bites man')).not.toEqual(shape('man bites dog'));
    expect(distance(shape('ocean waves'), shape('city lights'))).toBeGreaterThan(2);
    expect(distance(shape('ocean waves', 1), shape('ocean waves', 2))).toBeGreaterThan(2);
  });

  it('is nearer for prompts that share words', () => {
    const fox = shape('a red fox runs in the snow');
    expect(distance(fox, shape('a red fox sleeps in the snow'))).toBeLessThan(
      distance(fox, shape('city lights')),
    );
  });

  it('takes any whole number as a seed', () => {
    for (const seed of [-1, 0, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      expect(promptLatent('fox', seed).every(Number.isFinite)).toBe(true);
    }
    expect(promptLatent('fox', 2 ** 32)).not.toEqual(promptLatent('fox', 0));
  });
});
