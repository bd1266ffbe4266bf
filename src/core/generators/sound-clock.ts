import { seededRandom } from './seeded-random.ts';

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

/** Peak of the noise under a tone: -64 dBFS, as the room of a quiet recording. */
const noiseLevel = 0.0006;

/**
 * One second of noise for under a synthetic tone. FFmpeg's AAC encoder looks for the quantizer that fills its bit rate, and
 * a pure tone cannot: it tries up to five times for each packet, which takes three times the processor time.
 */
export const noiseSecond: Float32Array = (() => {
  const random = seededRandom(48);
  return Float32Array.from({ length: soundFormat.sampleRate }, () => noiseLevel * (2 * random() - 1));
})();
