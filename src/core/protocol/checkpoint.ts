import * as z from 'zod';

const count = z.int().min(0);

/** What a client has of a segment that another replica is to go on with. */
export const AlreadySentSchema = z
  .object({
    segment_idx: count,
    started: z.boolean().describe('It has `ltx2_segment_start`.'),
    steps: count.describe('The last step that it was told.'),
    init: z.boolean().describe('It has a `media_init`.'),
    chunks: count.describe('Media binary frames; initialization segments are not counted.'),
    bytes: count.describe('Bytes in them.'),
    frames: count.max(1_000_000).describe('Frames of video in them, or JPEG files.'),
    audio_end: count
      .nullable()
      .describe(
        "Where the sound in them ends, in samples per channel on the session's time line; null: none came.",
      ),
    media_complete: z.boolean().describe('It has `media_segment_complete`.'),
  })
  .meta({ id: 'AlreadySent' });
export type AlreadySent = z.infer<typeof AlreadySentSchema>;

/** Of a segment that has not begun. */
export function nothingSent(segmentIdx: number): AlreadySent {
  return {
    segment_idx: segmentIdx,
    started: false,
    steps: 0,
    init: false,
    chunks: 0,
    bytes: 0,
    frames: 0,
    audio_end: null,
    media_complete: false,
  };
}

/** What the first frame may say about checkpoints, in both dialects. */
export const checkpointFields = {
  checkpoints: z.boolean().nullish().describe('(ours) For routers: send `session_checkpoint` frames.'),
  checkpoint: z
    .record(z.string(), z.unknown())
    .nullish()
    .describe(
      '(ours) For routers: the merged members of an earlier session; this one opens as that one was.',
    ),
  already_sent: AlreadySentSchema.nullish().describe(
    '(ours) With `checkpoint`: what the client already has of the running segment.',
  ),
};

/** What `session_checkpoint` holds, in both dialects. */
export const sessionCheckpointFields = {
  seen: count.describe('Messages after the first frame that the checkpoint knows of.'),
  pending: z
    .array(z.int().min(1))
    .optional()
    .describe('Those of them, counted from 1, that are still being worked on.'),
  frames: count.describe('It holds once so many further text frames have come.'),
  set: z
    .record(z.string(), z.unknown())
    .describe('The members that changed since the last checkpoint of the connection; the first has all.'),
};
