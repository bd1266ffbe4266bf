import { expect, test } from 'vitest';
import { jumpTarget, removableRange } from '../../playground/buffered-range.ts';

test('what lies more than ten seconds behind the play head can go', () => {
  expect(removableRange([{ start: 0, end: 100 }], 60)).toEqual({ start: 0, end: 50 });
});

test('nothing goes while little has been played', () => {
  expect(removableRange([{ start: 0, end: 100 }], 10.5)).toBeUndefined();
  expect(removableRange([], 100)).toBeUndefined();
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
