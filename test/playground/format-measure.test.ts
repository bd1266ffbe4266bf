import { expect, test } from 'vitest';
import { formatBytes, formatMs } from '../../playground/format-measure.ts';

test.each([
  [84.6, '85 ms'],
  [999.4, '999 ms'],
  [999.6, '1 s'],
  [1240, '1.24 s'],
  [2000, '2 s'],
  [61_000, '61 s'],
])('%d ms is written as %s', (milliseconds, text) => {
  expect(formatMs(milliseconds)).toBe(text);
});

test.each([
  [1, '1 kB'],
  [180_400, '181 kB'],
  [3_240_000, '3.2 MB'],
])('%d bytes are written as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
