import { shapeLength } from './prompt-latent.ts';

/** How the latent goes on over the frames: it stays at `target`, once a fade towards it is over. */
export interface LatentTrack {
  readonly target: readonly number[];
  readonly fade: LatentFade | null;
}

export interface LatentFade {
  readonly from: readonly number[];
  /** The frame that still shows `from`. */
  readonly startFrame: number;
  /** Frames until `target` is reached. */
  readonly frames: number;
}

/** Seconds that one prompt takes to turn into the next. */
const fadeSeconds = 0.75;

/** The latent of a frame. */
export function latentAt({ target, fade }: LatentTrack, frame: number): readonly number[] {
  if (fade === null || frame >= fade.startFrame + fade.frames) return target;
  const share = Math.max(0, (frame - fade.startFrame) / fade.frames);
  if (share === 0) return fade.from;
  return blend(fade.from, target, share * share * (3 - 2 * share));
}

/** The track from `frame` on, towards `target`: unchanged if it leads there already, else a fade from where it is. */
export function retarget(
  track: LatentTrack,
  target: readonly number[],
  frame: number,
  fps: number,
): LatentTrack {
  if (target.every((value, index) => value === track.target[index])) return track;
  const frames = Math.max(1, Math.round(fadeSeconds * fps));
  return { target, fade: { from: latentAt(track, frame), startFrame: frame, frames } };
}

/**
 * The track when `frame` is the first that shows another target, reached within the transition. Unchanged if it leads
 * there already.
 */
export function steered(
  track: LatentTrack,
  target: readonly number[],
  frame: number,
  { fps, transitionMs }: { readonly fps: number; readonly transitionMs: number },
): LatentTrack {
  if (target.every((value, index) => value === track.target[index])) return track;
  const frames = Math.round((transitionMs * fps) / 1000);
  if (frames <= 1) return { target, fade: null };
  const startFrame = frame - 1;
  return { target, fade: { from: latentAt(track, startFrame), startFrame, frames } };
}

/** The track at a frame, without a fade that is over. */
export function settled(track: LatentTrack, frame: number): LatentTrack {
  const over = track.fade !== null && frame >= track.fade.startFrame + track.fade.frames;
  return over ? { target: track.target, fade: null } : track;
}

/** Between two latents. The shape part keeps its length: half-way between two of them lies a short one, a dull picture. */
function blend(from: readonly number[], to: readonly number[], share: number): readonly number[] {
  const mixed = from.map((value, index) => value + ((to[index] ?? value) - value) * share);
  const norm = (vector: readonly number[]) => Math.hypot(...vector.slice(0, shapeLength));
  const length = norm(mixed);
  if (length < 1e-6) return mixed;
  const scale = (norm(from) * (1 - share) + norm(to) * share) / length;
  return mixed.map((value, index) => (index < shapeLength ? value * scale : value));
}
