import type { Timeline } from '../../media/timeline.ts';
import type { WorkerInfo } from '../../pool/pool.ts';

/** Sound that may be missing beside the video, or be ahead of it; the encoder makes silence of what is missing. */
const mostSeconds = 60;

/**
 * What is wrong with the sound of a time line that came from outside, for a worker whose sound is known; undefined when
 * nothing is.
 */
export function soundProblem(
  { videoFrames, audio }: Timeline,
  fps: number,
  { audio: format }: WorkerInfo,
): string | undefined {
  if (!audio || !format) return undefined;
  const { nextSample, tailStart, tail } = audio;
  const ends = [nextSample, tailStart, tailStart + tail.length / format.channels];
  const apart = ends.map((sample) => Math.abs(sample / format.sampleRate - videoFrames / fps));
  return apart.some((seconds) => seconds > mostSeconds)
    ? 'audio: it does not cover the time of the video'
    : undefined;
}
