import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/core/base/json.ts';
import { exceedsJsonBounds } from '../../src/core/base/json-bounds.ts';
import { jsonStringEnd } from '../../src/core/base/json-string-end.ts';

/** Long enough to be looked at. */
const filler = JSON.stringify('x'.repeat(64 * 1024));
const long = (member: string) => `[${filler},${member}]`;
const nested = (levels: number, inside = '') => '['.repeat(levels) + inside + ']'.repeat(levels);
const many = (count: number, part: string) => Array(count).fill(part).join();

describe('exceedsJsonBounds', () => {
  it('takes a hundred levels and not one more', () => {
    // The outermost array is a level too.
    expect(exceedsJsonBounds(long(nested(99)))).toBe(false);
    expect(exceedsJsonBounds(long(nested(100)))).toBe(true);
    expect(exceedsJsonBounds(long(`${'{"a":'.repeat(99)}1${'}'.repeat(99)}`))).toBe(false);
    expect(exceedsJsonBounds(long(`${'{"a":['.repeat(50)}1${']}'.repeat(50)}`))).toBe(true);
  });

  it('finds what was never closed', () => {
    expect(exceedsJsonBounds('['.repeat(100_000))).toBe(true);
    expect(exceedsJsonBounds('{"a":'.repeat(100_000))).toBe(true);
  });

  it('does not add up the levels of neighbours', () => {
    expect(exceedsJsonBounds(long(many(200, nested(90))))).toBe(false);
  });

  it('takes a hundred thousand arrays, objects and strings and not one more', () => {
    // The outermost array and the filler are two of them.
    const left = 100_000 - 2;
    for (const part of ['[]', '{}', '""']) {
      expect(exceedsJsonBounds(long(many(left, part))), part).toBe(false);
      expect(exceedsJsonBounds(long(many(left + 1, part))), part).toBe(true);
    }
  });

  it('takes a million values of any kind and not one more', () => {
    // The filler is followed by a comma too.
    expect(exceedsJsonBounds(long(many(1_000_000, '1.5')))).toBe(false);
    expect(exceedsJsonBounds(long(many(1_000_001, '1.5')))).toBe(true);
  });

  it.each([
    ['brackets', '['.repeat(200)],
    ['quotes', '"['.repeat(200)],
    ['backslashes at the end', `${'['.repeat(200)}\\`],
    ['backslashes before a quote', '\\"['.repeat(200)],
  ])('does not count what stands in a string: %s', (_, text) => {
    expect(exceedsJsonBounds(long(JSON.stringify(text)))).toBe(false);
    expect(exceedsJsonBounds(long(`${JSON.stringify(text)},${nested(100)}`))).toBe(true);
  });

  it('reads an unfinished string to its end', () => {
    expect(exceedsJsonBounds(`[${filler},"${'['.repeat(200)}\\"`)).toBe(false);
  });

  it('holds for short texts too', () => {
    expect(exceedsJsonBounds(nested(100))).toBe(false);
    expect(exceedsJsonBounds(nested(101))).toBe(true);
    expect(exceedsJsonBounds('['.repeat(100))).toBe(false);
  });

  it('lets pass any JSON of few levels, in any place of a long text', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20 }), (json) => {
        expect(exceedsJsonBounds(long(json))).toBe(false);
        expect(exceedsJsonBounds(long(`${json},${nested(100)}`))).toBe(true);
      }),
    );
  });
});

describe('jsonStringEnd', () => {
  it('finds the quote that closes, behind any number of escapes and of other characters', () => {
    const piece = fc.oneof(
      fc.constantFrom('\\\\', '\\"', '\\n', '\\u0022', 'x', '\u2222', '"'),
      fc.nat({ max: 200 }).map((count) => 'a'.repeat(count)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = `"${pieces.join('')}`;
        const closed = /^"(?:[^"\\]|\\.)*"/s.exec(text)?.[0].length;
        expect(jsonStringEnd(text, 0)).toBe(closed === undefined ? text.length : closed - 1);
      }),
    );
  });

  it('reads beyond an escaped quote in the middle of megabytes', () => {
    const filler = 'a'.repeat(100_000);
    const text = `"${filler}\\"${filler}\\\\"${filler}"`;
    expect(jsonStringEnd(text, 0)).toBe(200_005);
  });
});

describe('parseJson', () => {
  it('reads no text that is over a bound', () => {
    const [levels, more] = [nested(99), nested(100)].map(long) as [string, string];
    expect(parseJson(levels)).toEqual(JSON.parse(levels));
    expect(parseJson(Buffer.from(levels))).toEqual(JSON.parse(levels));
    expect(parseJson(more)).toBeUndefined();
    expect(parseJson(Buffer.from(more))).toBeUndefined();
  });
});
