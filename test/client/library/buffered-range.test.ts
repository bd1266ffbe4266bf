import { expect, test } from 'vitest';
import {
  bufferedAhead,
  jumpTarget,
  removableRange,
  skippedRange,
} from '../../../src/client/player/buffered-range.ts';

test('what lies more than ten seconds behind the play head can go', () => {
  expect(removableRange([{ start: 0, end: 100 }], 60, 10)).toEqual({ start: 0, end: 50 });
});

test('nothing goes while little has been played', () => {
  expect(removableRange([{ start: 0, end: 100 }], 10.5, 10)).toBeUndefined();
  expect(removableRange([], 100, 10)).toBeUndefined();
});

test('of a live stream that stands still, the picture that is shown and the newest ones stay', () => {
  expect(skippedRange([{ start: 0, end: 100 }], 30, 10)).toEqual({ start: 31, end: 90 });
  const ranges = [
    { start: 0, end: 31 },
    { start: 90, end: 120 },
  ];
  expect(skippedRange(ranges, 30, 10)).toEqual({ start: 90, end: 110 });
});

test('nothing of a live stream goes that is shown', () => {
  expect(skippedRange([{ start: 0, end: 41 }], 30, 10)).toBeUndefined();
  expect(skippedRange([], 0, 10)).toBeUndefined();
});

test('the end of the buffer is waited at, a gap is jumped over', () => {
  const ranges = [
    { start: 0, end: 4 },
    { start: 4.5, end: 8 },
  ];
  expect(jumpTarget(ranges, 3)).toBeUndefined();
  expect(jumpTarget(ranges, 4)).toBe(4.5);
  expect(jumpTarget(ranges, 8)).toBeUndefined();
});

test('a stream that does not begin at 0 is played from its begin', () => {
  expect(jumpTarget([{ start: 12, end: 14 }], 0)).toBe(12);
});

test('a play head that stands just before a gap is taken over it', () => {
  const ranges = [
    { start: 0, end: 0.19 },
    { start: 0.35, end: 2 },
  ];
  expect(jumpTarget(ranges, 0.175)).toBeUndefined();
  expect(jumpTarget(ranges, 0.175, 0.5)).toBe(0.35);
  expect(jumpTarget(ranges, 1.9, 0.5)).toBeUndefined();
});

test('what is ahead ends at a gap', () => {
  const ranges = [
    { start: 0, end: 1 },
    { start: 1.5, end: 3 },
  ];
  expect(bufferedAhead(ranges, 0.25)).toBe(0.75);
  expect(bufferedAhead(ranges, 1.2)).toBe(0);
});
