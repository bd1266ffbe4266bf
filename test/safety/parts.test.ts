import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockedIndexes } from '../../src/core/safety/classifiers/blocked-labels.ts';
import { readCompanionFiles } from '../../src/core/safety/classifiers/onnx/companion-files.ts';
import { activate, activationFor } from '../../src/core/safety/classifiers/onnx/probabilities.ts';
import { TokenWindows } from '../../src/core/safety/classifiers/onnx/token-windows.ts';
import { promptPieces } from '../../src/core/safety/classifiers/prompt-pieces.ts';
import { tokensModel } from './fixtures.ts';

describe('blocked labels', () => {
  it('are those that are named, however they are written', () => {
    const labels = ['OK', 'Self-Harm', 'hate speech', 'sexual/minors'];
    expect(blockedIndexes(labels, ['__label__self_harm', 'HATE_SPEECH'])).toEqual([1, 2]);
    expect(blockedIndexes(labels, ['nope'])).toEqual([]);
  });

  it('are the well-known ones where none is named', () => {
    expect(blockedIndexes(['safe', 'NSFW', 'toxic', 'neutral', 'Violence'], undefined)).toEqual([1, 2, 4]);
  });
});

describe('the pieces of a prompt', () => {
  it('cover it all, overlap, and cut no character in two', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', ' ', '🦊', 'é'),
      minLength: 4000,
      maxLength: 20_000,
    });
    fc.assert(
      fc.property(text, (prompt) => {
        const pieces = promptPieces(prompt);
        let covered = 0;
        for (const piece of pieces) {
          expect(piece.length).toBeLessThanOrEqual(4096);
          expect(piece).not.toMatch(/\p{Surrogate}/u);
          const at = prompt.indexOf(piece, Math.max(0, covered - 300));
          expect(at).toBeGreaterThanOrEqual(0);
          expect(at).toBeLessThanOrEqual(covered);
          covered = Math.max(covered, at + piece.length);
        }
        expect(pieces.at(-1) && prompt.endsWith(pieces.at(-1) ?? '')).not.toBe(false);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the windows of a text that has too many tokens', () => {
  it('hold no more than the model takes, each between the special tokens, and every word', async () => {
    const files = await readCompanionFiles(tokensModel, undefined);
    const vocab = files.tokenizer?.model['vocab'] as Record<string, number>;
    const words = Object.keys(vocab).slice(4);
    for (const [fixed, most] of [
      [undefined, 128],
      [16, 16],
      [3, 3],
    ] as const) {
      const windows = new TokenWindows(tokensModel, files, fixed).encode(words.join(' '));
      for (const window of windows) {
        expect(window.length).toBeLessThanOrEqual(most);
        expect([window[0], window.at(-1)]).toEqual([vocab['[CLS]'], vocab['[SEP]']]);
      }
      expect(new Set(windows.flat())).toEqual(new Set([2, 3, ...words.map((word) => vocab[word])]));
    }
  });

  it('are one for a text that fits, also for one without tokens', async () => {
    const windows = new TokenWindows(
      tokensModel,
      await readCompanionFiles(tokensModel, undefined),
      undefined,
    );
    expect(windows.encode('A quiet LAKE')).toHaveLength(1);
    expect(windows.encode('')).toEqual([[2, 3]]);
  });

  it('are refused where the special tokens leave no room', async () => {
    const files = await readCompanionFiles(tokensModel, undefined);
    expect(() => new TokenWindows(tokensModel, files, 2)).toThrow('which leaves no room for text');
  });
});

describe("a model's numbers", () => {
  it('become probabilities by what they are', () => {
    expect(
      activationFor(
        'logits',
        [
          [2, -1],
          [0, 3],
        ],
        false,
      ),
    ).toBe('softmax');
    expect(activationFor('logits', [[2, -1]], true)).toBe('sigmoid');
    expect(activationFor('logits', [[2]], false)).toBe('sigmoid');
    expect(activationFor('output', [[0.25, 0.75]], false)).toBe('none');
    expect(activationFor('probabilities', [[0.9, 0.8]], true)).toBe('none');
  });

  it('that are large stay finite', () => {
    expect(Array.from(activate([1000, 998], 'softmax'))).toEqual([
      expect.closeTo(0.8808),
      expect.closeTo(0.1192),
    ]);
    expect(Array.from(activate([-1000, 1000, 0], 'sigmoid'))).toEqual([0, 1, 0.5]);
    expect(Array.from(activate([1.00001, 0], 'none'))).toEqual([1, 0]);
  });
});
