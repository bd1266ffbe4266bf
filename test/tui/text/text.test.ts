import { describe, expect, it } from 'vitest';
import { cleanText } from '../../../src/tui/text/clean-text.ts';
import { formatDuration, formatMs, formatRate, shortId } from '../../../src/tui/text/format.ts';
import { joinParts } from '../../../src/tui/text/join-parts.ts';
import { lineText, span } from '../../../src/tui/text/line.ts';
import { sparkline } from '../../../src/tui/text/sparkline.ts';
import { fitText, textWidth, truncate } from '../../../src/tui/text/text-width.ts';
import { wrapWords } from '../../../src/tui/text/wrap-words.ts';

describe('cleanText', () => {
  it.each([
    ['\x1b[31mred\x1b[0m', 'red'],
    ['a\r\nb\tc\x07d', 'a b c d'],
    ['\x1b]0;title\x07shown', 'shown'],
    ['\x9b31mC1', 'C1'],
    ['left\u202eright', 'leftright'],
    ['e\u0301', 'é'],
    ['\ud800', '\ufffd'],
    ['  モデル  ', 'モデル'],
  ])('makes %j one plain line', (value, clean) => {
    expect(cleanText(value)).toBe(clean);
  });

  it('keeps no more of a text than a screen could show', () => {
    expect(cleanText('x'.repeat(100_000)).length).toBeLessThanOrEqual(2000);
  });
});

describe('textWidth', () => {
  it.each([
    ['abc', 3],
    ['組織', 4],
    ['ｆ', 2],
    ['é', 1],
    ['e\u0301', 1],
    ['━…▁', 3],
    ['🎬', 2],
    ['한글', 4],
  ])('of %s is what terminals take for it', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it('cuts a text between its characters, so that it takes exactly the columns asked for', () => {
    expect(truncate('abcdef', 4)).toBe('abc…');
    expect(truncate('abcd', 4)).toBe('abcd');
    expect(truncate('組織組織', 4)).toBe('組…');
    expect(truncate('abc', 0)).toBe('');
    for (const text of ['', 'abcdef', '組織組織', 'a組b織']) {
      for (let width = 0; width < 9; width += 1) {
        expect(textWidth(fitText(text, width)), `${text} in ${width}`).toBe(width);
        expect(textWidth(fitText(text, width, 'right')), `${text} in ${width}`).toBe(width);
      }
    }
  });
});

describe('sparkline', () => {
  it('draws the last values from 0 to their maximum, and a blank for none', () => {
    expect(sparkline([9, 0, 4, undefined, 8], 4)).toBe('▁▅ █');
    expect(sparkline([0, 0], 4)).toBe('▁▁  ');
    expect(sparkline([], 3)).toBe('   ');
    expect(sparkline([1], 0)).toBe('');
  });
});

describe('joinParts', () => {
  const parts = [
    { line: [span('first')], priority: 2 },
    { line: [span('most important')], priority: 1 },
    { line: [span('last')], priority: 3 },
  ];

  it('leaves out what matters least where not all fit', () => {
    expect(lineText(joinParts(parts, 40))).toBe('first  most important  last');
    expect(lineText(joinParts(parts, 24))).toBe('first  most important');
    expect(lineText(joinParts(parts, 14))).toBe('most important');
    expect(lineText(joinParts(parts, 6))).toBe('most…');
  });
});

describe('wrapWords', () => {
  it('breaks between words and leaves no space at the start of a line', () => {
    expect(wrapWords('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapWords('一二三 四', 6)).toEqual(['一二三', '四']);
    expect(wrapWords('incomprehensibilities', 5)).toEqual(['incomprehensibilities']);
  });
});

describe('format', () => {
  it('says durations, milliseconds and rates in few characters', () => {
    expect([0.4, 59.9, 60, 3599, 3600, 86_399, 90_000].map(formatDuration)).toEqual([
      '0s',
      '59s',
      '1m 00s',
      '59m 59s',
      '1h 00m',
      '23h 59m',
      '1d 1h',
    ]);
    expect([0, 312.4, 999.4, 4210, 65_000].map(formatMs)).toEqual([
      '0 ms',
      '312 ms',
      '999 ms',
      '4.2 s',
      '1m 05s',
    ]);
    expect([0, 0.254, 3.44, 128.4].map(formatRate)).toEqual(['0', '0.25', '3.4', '128']);
  });

  it('shortens a UUID and no other id', () => {
    expect(shortId('5f3a91c2-4b1d-4a7e-9c1e-0242ac120001')).toBe('5f3a91c2');
    expect(shortId('my-own-session-id')).toBe('my-own-session-id');
  });
});
