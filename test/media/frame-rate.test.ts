import { describe, expect, it } from 'vitest';
import { frameRate, framesToTicks } from '../../src/core/media/frame-rate.ts';

describe('frameRate', () => {
  it.each([
    [24, { num: 24, den: 1, timescale: 24_000, ticksPerFrame: 1000 }],
    [12.5, { num: 25, den: 2, timescale: 25_000, ticksPerFrame: 2000 }],
    [23.976, { num: 24_000, den: 1001, timescale: 24_000, ticksPerFrame: 1001 }],
    [29.97, { num: 30_000, den: 1001, timescale: 30_000, ticksPerFrame: 1001 }],
    [
      { num: 60, den: 2 },
      { num: 30, den: 1, timescale: 30_000, ticksPerFrame: 1000 },
    ],
    [
      { num: 1, den: 2 },
      { num: 1, den: 2, timescale: 1000, ticksPerFrame: 2000 },
    ],
  ])('makes %j exact', (fps, expected) => {
    expect(frameRate(fps)).toEqual(expected);
  });

  it.each([0, -24, Number.NaN, Number.POSITIVE_INFINITY, 1001, { num: 24, den: 0 }, { num: 1.5, den: 1 }])(
    'refuses %j',
    (fps) => {
      expect(() => frameRate(fps)).toThrow('is not valid');
    },
  );

  it('stays exact after a day of frames', () => {
    const frames = 24 * 3600 * 30;
    expect(framesToTicks(frames, 48_000, frameRate({ num: 30_000, den: 1001 }))).toBe(
      (frames * 1001 * 48) / 30,
    );
  });
});
