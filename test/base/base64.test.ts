import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBase64 } from '../../src/core/base/base64.ts';

describe('isBase64', () => {
  it('takes what encoders write, padded or not', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(isBase64(text)).toBe(true);
        expect(isBase64(text.replace(/=+$/, ''))).toBe(true);
      }),
    );
  });

  it.each(['!', 'ab=c', '=a', 'a===', 'a b', 'ab-_'])('refuses %s', (text) => {
    expect(isBase64(text)).toBe(false);
  });

  it('takes white space where it may stand', () => {
    expect(isBase64('ab\r\nc= \n', { spaces: true })).toBe(true);
    expect(isBase64('ab\nc=')).toBe(false);
  });
});
