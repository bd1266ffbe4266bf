import { FastVideoError } from '../base/errors.ts';

/** Frames a second as an exact fraction in lowest terms, and the clock that its frames are whole ticks of. */
export interface FrameRate {
  readonly num: number;
  readonly den: number;
  /** Ticks a second of the video track. */
  readonly timescale: number;
  /** Ticks from one frame to the next. */
  readonly ticksPerFrame: number;
}

/** Whole frame rates get milliframes for a clock (24 -> 24000); a larger numerator is fine enough as it is. */
const smallestTimescale = 10_000;
const milliframes = 1000;
/** `timescale` is a 32-bit field, and ffmpeg takes it for a signed one. */
const largestTerm = 100_000_000;
const largestDenominator = 1001;

/**
 * The exact frame rate. A fractional number is taken for the nearest fraction with a denominator of at most 1001, so
 * that 23.976 means 24000/1001. Throws `input_invalid` for what is no frame rate.
 */
export function frameRate(fps: number | { readonly num: number; readonly den: number }): FrameRate {
  const { num, den } = typeof fps === 'number' ? toFraction(fps) : fps;
  const valid = [num, den].every((term) => Number.isInteger(term) && term >= 1 && term <= largestTerm);
  if (!valid || num / den > 1000) {
    const value = typeof fps === 'number' ? String(fps) : `${num}/${den}`;
    throw new FastVideoError(
      'input_invalid',
      `The frame rate ${value} is not valid: it must be above 0 and at most 1000 frames per second, e.g. 24 or 30000/1001.`,
    );
  }
  const divisor = greatestCommonDivisor(num, den);
  const reduced = { num: num / divisor, den: den / divisor };
  const factor = reduced.num < smallestTimescale ? milliframes : 1;
  return { ...reduced, timescale: reduced.num * factor, ticksPerFrame: reduced.den * factor };
}

/** The number of samples (or other ticks of a clock of `rate` a second) that `frames` frames last, rounded. */
export function framesToTicks(frames: number, rate: number, fps: FrameRate): number {
  return Math.round((frames * fps.den * rate) / fps.num);
}

function toFraction(value: number): { num: number; den: number } {
  if (!Number.isFinite(value) || value <= 0) return { num: Number.NaN, den: 1 };
  if (Number.isInteger(value)) return { num: value, den: 1 };
  const ntsc = Math.round(value * 1.001);
  if (Math.abs((ntsc * 1000) / 1001 - value) < 0.0006) return { num: ntsc * 1000, den: 1001 };
  let best = { num: Math.round(value), den: 1 };
  for (let den = 2; den <= largestDenominator; den += 1) {
    const num = Math.round(value * den);
    if (Math.abs(num / den - value) + 1e-9 < Math.abs(best.num / best.den - value)) best = { num, den };
  }
  return best;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
