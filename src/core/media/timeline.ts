/**
 * Where a session's media ends, so that the next segment goes on there. Plain data: it travels between processes
 * (the server keeps it, any worker can go on from it).
 */
export interface Timeline {
  /** Frames before the next one. Time is `videoFrames / fps`. */
  readonly videoFrames: number;
  /** Unset while no sound was made. */
  readonly audio?: AudioCarry;
}

/** Sound that the next segment's encoder starts from. All positions are samples per channel from the session's start. */
export interface AudioCarry {
  /** Start of the next AAC frame to send: the `tfdt` of the next audio fragment. A multiple of 1024. */
  readonly nextSample: number;
  /** Position of `tail`'s first sample; before `nextSample`, because a fresh AAC encoder needs a run-up. */
  readonly tailStart: number;
  /** Interleaved float32 samples already made; empty after a cut. */
  readonly tail: Float32Array;
}

/** The beginning of a segment that an earlier run of it has sent. The rest of the segment follows it without a seam. */
export interface SentMedia {
  /** Video frames (JPEG files with `legacy_jpeg`). */
  readonly frames: number;
  /** End of its sound, in samples per channel from the session's start; unset: none of its sound was sent. */
  readonly nextSample?: number;
}

export const timelineStart: Timeline = { videoFrames: 0 };
