import { z } from 'zod';
import { fpsRange } from './check-request.ts';
import { samplesBefore } from './sound-clock.ts';

/** Part of every built-in state: where the next frame and the next sample stand, counted from the session's start. */
export const FramePositionSchema = z.object({
  nextFrame: z.int().min(0).max(1e10),
  /** Per channel. */
  nextSample: z.int().min(0).max(1e14),
  fps: z.number().min(fpsRange.min).max(fpsRange.max),
});

export type FramePosition = z.output<typeof FramePositionSchema>;

/** Where to go on at `fps`: at another rate than before, the frame that is nearest in time. */
export function goOnAt(position: FramePosition | undefined, fps: number): FramePosition {
  if (position === undefined) return { nextFrame: 0, nextSample: 0, fps };
  if (position.fps === fps) return position;
  const nextFrame = Math.round((position.nextFrame / position.fps) * fps);
  return { nextFrame, nextSample: position.nextSample, fps };
}

/** The position a frame further on. */
export function advance({ nextFrame, nextSample, fps }: FramePosition): FramePosition {
  const samples = samplesBefore(nextFrame + 1, fps) - samplesBefore(nextFrame, fps);
  return { nextFrame: nextFrame + 1, nextSample: nextSample + samples, fps };
}
