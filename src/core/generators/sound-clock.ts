/** The sound of all built-in generators. */
export const soundFormat = { sampleRate: 48_000, channels: 2 } as const;

/**
 * Samples per channel before a frame: counted from the start each time, so that no rounding adds up, and after any
 * number of frames the sound is within half a sample of the picture.
 */
export function samplesBefore(frame: number, fps: number): number {
  return Math.round((frame * soundFormat.sampleRate) / fps);
}

/** One second of a sine wave of 1 Hz: whole frequencies read it at whole steps, without a rounding that adds up. */
export const sineSecond: Float32Array = Float32Array.from({ length: soundFormat.sampleRate }, (_, index) =>
  Math.sin((2 * Math.PI * index) / soundFormat.sampleRate),
);
