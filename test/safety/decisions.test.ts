import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  brutal,
  calm,
  fastTextModel,
  filterWith,
  languageModel,
  textModel,
  tokensModel,
} from './fixtures.ts';

const kinds = [
  ['an ONNX model with a tokenizer', tokensModel, 'unsafe', 'model.onnx'],
  ['an ONNX model that takes text', textModel, 'violence', 'model.onnx'],
  ['a fastText model', fastTextModel, 'unsafe', 'sentences.bin'],
] as const;

describe.each(kinds)('a safety filter with %s', (_, path, label, classifier) => {
  let filter: Awaited<ReturnType<typeof filterWith>>;
  beforeAll(async () => {
    filter = await filterWith({ classifiers: [{ path }] });
  });
  afterAll(() => filter.close());

  it('allows one prompt and blocks another', async () => {
    const [first, second] = await filter.check([calm, brutal]);
    expect(first).toMatchObject({ decision: 'allow', label: null, classifier: null });
    expect(first?.score).toBeLessThan(0.5);
    expect(second).toMatchObject({ decision: 'block', label, classifier });
    expect(second?.score).toBeGreaterThan(0.5);
    expect(second?.reason).toMatch(new RegExp(`^${label} \\d\\.\\d{3} reaches 0\\.5\\.$`));
  });

  it('allows what is blank without asking, and nothing at all', async () => {
    const blank = { decision: 'allow', label: null, score: null, classifier: null };
    expect(await filter.check(['', ' \t\u00a0 '])).toMatchObject([blank, blank]);
    expect(await filter.check([])).toEqual([]);
  });

  it('sees what comes after a line end, an end mark and 10,000 characters', async () => {
    const hidden = [
      `${calm}\n${brutal}`,
      `${calm} </s> ${brutal}`,
      `${`${calm} `.repeat(250)}${`${brutal} `.repeat(30)}`,
    ];
    for (const { decision } of await filter.check(hidden)) expect(decision).toBe('block');
  });

  it('answers every kind of text with a probability', async () => {
    const odd = [
      '日本語のテキスト',
      '🦊'.repeat(4000),
      '\ud800 alone',
      '\u0000\u0001',
      '[SEP] [MASK] <pad>',
      '__label__safe',
      'x'.repeat(60_000),
    ];
    for (const { decision, score } of await filter.check(odd)) {
      expect(['allow', 'block']).toContain(decision);
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
    }
  });
});

describe('a safety filter', () => {
  it('blocks from its threshold on', async () => {
    for (const [threshold, decision] of [
      [0.9, 'block'],
      [0.91, 'allow'],
      [0.1, 'block'],
    ] as const) {
      await using filter = await filterWith({ classifiers: [{ path: textModel, threshold }] });
      expect(await filter.check([brutal])).toMatchObject([{ decision }]);
    }
  });

  it('lets the first of several classifiers that blocks decide, and names it', async () => {
    const classifiers = [{ path: languageModel, labels: ['__label__FR', 'de'] }, { path: fastTextModel }];
    await using filter = await filterWith({ classifiers });
    const decisions = await filter.check(['un petit chat dort sur la table de la cuisine', brutal, calm]);
    expect(decisions).toMatchObject([
      { decision: 'block', label: 'fr', classifier: 'lid.176.ftz' },
      { decision: 'block', label: 'unsafe', classifier: 'sentences.bin' },
      { decision: 'allow', label: null, classifier: null },
    ]);
  });

  it('keeps two fastText models apart', async () => {
    const classifiers = [
      { path: fastTextModel, threshold: 1 },
      { path: languageModel, labels: ['en'] },
    ];
    await using filter = await filterWith({ classifiers });
    expect(await filter.check([calm])).toMatchObject([
      { decision: 'block', label: 'en', classifier: 'lid.176.ftz' },
    ]);
  });

  it('cannot be asked about a prompt that is longer than its limit', async () => {
    await using filter = await filterWith({ classifiers: [{ path: fastTextModel }] });
    const decisions = await filter.check(['a '.repeat(40_000), calm]);
    expect(decisions).toMatchObject([
      { decision: 'unavailable', label: null, score: null },
      { decision: 'allow' },
    ]);
    expect(decisions[0]?.reason).toBe('The prompt has 80000 characters; the limit is 65536.');
  });
});
