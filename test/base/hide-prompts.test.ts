import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentPrompts } from '../../src/core/base/hide-prompts.ts';

const prompt = 'a red fox walks through fresh snow, slowly, at dawn';

/** As if the prompts had just been given. */
function hidePrompts(text: string, prompts: readonly string[]): string {
  const recent = new RecentPrompts(prompts.length);
  for (const each of prompts) recent.remember(each);
  return recent.hide(text);
}

describe('RecentPrompts', () => {
  it.each([
    ['a whole prompt', `Processing: ${prompt} (1/3)`, [prompt], 'Processing: [redacted] (1/3)'],
    ['one alone', prompt, [prompt], '[redacted]'],
    ['one that stands there twice', `${prompt}|${prompt}`, [prompt], '[redacted]|[redacted]'],
    ['one that was cut off', `Prompt: ${prompt.slice(0, 30)}...`, [prompt], 'Prompt: [redacted]...'],
    ['the end of one', `...${prompt.slice(20)}'`, [prompt], "...[redacted]'"],
    ['a short one', 'prompt: fox.', ['fox'], 'prompt: [redacted].'],
    ['no part of a word', 'foxes, outfox', ['fox'], 'foxes, outfox'],
    ['nothing of two characters', 'it is', ['is'], 'it is'],
    ['each line of one', ' INFO fox\r', ['fox\n\nsnow'], ' INFO [redacted]\r'],
    ['what JSON quotes', '{"p":"say \\"hi\\"\\nnow"}', ['say "hi"\nnow'], '{"p":"[redacted]"}'],
    ['what JSON escapes', '"\\u72d0\\u72f8\\u72d0"', ['狐狸狐'], '"[redacted]"'],
    ['what Python escapes', "'f\\xfcchse \\U0001f98a'", ['füchse 🦊'], "'[redacted]'"],
    ['what Python quotes', `'it\\'s "a" fox\\n'`, ['it\'s "a" fox\n'], "'[redacted]'"],
    ['two that overlap', 'a red fox in snow', ['a red fox', 'fox in snow'], '[redacted]'],
    ['nothing else', 'CUDA out of memory', [prompt], 'CUDA out of memory'],
  ])('hides %s', (_, text, prompts, shown) => {
    expect(hidePrompts(text, prompts)).toBe(shown);
  });

  it('leaves no run of 23 characters of any prompt, and all that is none', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'ab "\\né狐🦊'), minLength: 24, maxLength: 200 });
    fc.assert(
      fc.property(letters, fc.nat(), fc.nat(), (text, from, length) => {
        const line = text.replaceAll('\n', ' ').trim();
        fc.pre(line.length >= 24);
        const start = from % (line.length - 22);
        const piece = line.slice(start, start + 23 + (length % 50));
        const shown = hidePrompts(`<<${piece}>>`, [text.replaceAll('\n', ' ')]);
        expect(shown).toBe('<<[redacted]>>');
      }),
    );
  });

  it('forgets the oldest', () => {
    const recent = new RecentPrompts(2);
    for (const each of ['one', 'two', 'one', 'three']) recent.remember(each);
    expect(recent.hide('one two three')).toBe('[redacted] two [redacted]');
    const long = ['first', 'second', 'third'].map((each) => `${each}: ${prompt}`);
    for (const each of long) recent.remember(each);
    expect(recent.hide(long.join('|'))).toBe('first[redacted]|[redacted]|[redacted]');
  });
});
