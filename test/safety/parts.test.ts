import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockedIndexes } from '../../src/core/safety/classifiers/blocked-labels.ts';
import { FileHashes } from '../../src/core/safety/classifiers/file-hashes.ts';
import { readCompanionFiles } from '../../src/core/safety/classifiers/onnx/companion-files.ts';
import { activate } from '../../src/core/safety/classifiers/onnx/probabilities.ts';
import { runTokens } from '../../src/core/safety/classifiers/onnx/run-batches.ts';
import { TokenWindows } from '../../src/core/safety/classifiers/onnx/token-windows.ts';
import { promptPieces } from '../../src/core/safety/classifiers/prompt-pieces.ts';
import { tokensModel } from './fixtures.ts';

const companionFiles = () => readCompanionFiles(tokensModel, undefined, new FileHashes(tokensModel));

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
    const files = await companionFiles();
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
    const windows = new TokenWindows(tokensModel, await companionFiles(), undefined);
    expect(windows.encode('A quiet LAKE')).toHaveLength(1);
    expect(windows.encode('')).toEqual([[2, 3]]);
  });

  it('are refused where the special tokens leave no room', async () => {
    const files = await companionFiles();
    expect(() => new TokenWindows(tokensModel, files, 2)).toThrow('which leaves no room for text');
  });
});

describe('the rows that go into one run', () => {
  const tokens = { name: 'input_ids', type: 'int64' } as const;
  const mask = { name: 'attention_mask', type: 'int64' } as const;

  it.each([
    ['are padded for a model that is told where', [tokens, mask], [[2, 5]]],
    [
      'are of one length for a model that is not',
      [tokens],
      [
        [1, 4],
        [1, 5],
      ],
    ],
  ])('%s', async (_, names, expected) => {
    const shapes: (readonly number[] | undefined)[] = [];
    await runTokens(['a quiet lake', 'a lake'], {
      input: { names, length: undefined },
      windows: new TokenWindows(tokensModel, await companionFiles(), undefined),
      rows: undefined,
      run: async (feeds, rows) => {
        shapes.push(feeds['input_ids']?.dims);
        return new Float32Array(rows);
      },
      finish: (row) => row,
    });
    expect(shapes).toEqual(expected);
  });
});

describe("a model's numbers", () => {
  it('that are large stay finite', () => {
    expect(Array.from(activate([1000, 998], 'softmax'))).toEqual([
      expect.closeTo(0.8808),
      expect.closeTo(0.1192),
    ]);
    expect(Array.from(activate([-1000, 1000, 0], 'sigmoid'))).toEqual([0, 1, 0.5]);
    expect(Array.from(activate([1.00001, 0], 'none'))).toEqual([1, 0]);
  });
});
