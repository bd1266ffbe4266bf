import { describe, expect, it } from 'vitest';
import { parseY4mHeader } from '../../src/core/media/y4m.ts';

describe('the header of y4m', () => {
  it('tells size, rate and pixel format', () => {
    expect(parseY4mHeader('YUV4MPEG2 W64 H48 F24000:1001 Ip A1:1 C422 XYSCSS=422')).toEqual({
      width: 64,
      height: 48,
      fps: { num: 24_000, den: 1001 },
      format: 'yuv422p',
      fullRange: false,
    });
  });

  it.each([
    ['C420jpeg XCOLORRANGE=FULL', { format: 'yuv420p', fullRange: true }],
    ['', { format: 'yuv420p', fullRange: false }],
    ['Cmono', { format: 'gray' }],
    ['C444', { format: 'yuv444p' }],
    ['F0:0', { fps: undefined }],
  ])('reads "%s"', (fields, expected) => {
    expect(parseY4mHeader(`YUV4MPEG2 W2 H2 ${fields}`)).toMatchObject(expected);
  });

  it.each([
    ['W64 H48 C420p10', 'C420p10 is not supported: use one of C420, '],
    ['W64 H48 C411', 'C411 is not supported'],
    ['W64 H48 C444alpha', 'C444alpha is not supported'],
    ['W64 H48 It', 'interlaced (It)'],
    ['W64', 'no height (H)'],
    ['W0 H48', 'W0 is not valid'],
    ['W64 H48 F24', 'F24 is not valid'],
  ])('refuses "%s" in one line', (fields, message) => {
    expect(() => parseY4mHeader(`YUV4MPEG2 ${fields}`)).toThrow(message);
  });
});
