import { FastVideoError } from '../base/errors.ts';
import type { GenerationRequest } from './generator.ts';

/** Frames a second that make sense; a frame's sound is made in one piece, so a tiny rate would be a huge one. */
export const fpsRange = { min: 0.1, max: 1000 } as const;

/** Throws `input_invalid` for a size, length or rate that no generator could work with. */
export function checkRequest({ width, height, numFrames, fps }: GenerationRequest): void {
  for (const [name, value] of Object.entries({ width, height, num_frames: numFrames })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new FastVideoError(
        'input_invalid',
        `${name} must be a whole number of at least 1, not ${value}.`,
      );
    }
  }
  if (!(fps >= fpsRange.min && fps <= fpsRange.max)) {
    throw new FastVideoError(
      'input_invalid',
      `fps must be a number from ${fpsRange.min} to ${fpsRange.max}, not ${fps}.`,
    );
  }
}
