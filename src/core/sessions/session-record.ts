import { z } from 'zod';
import { ContinuationStateSchema } from '../protocol/continuation-state.ts';
import { openSession, type Session } from './session.ts';

/** What of a session is kept for a resume; the sound's tail and large members of the state lie in blobs. */
const SessionRecordSchema = z.object({
  id: z.string(),
  preset: z.string().optional(),
  stream_mode: z.enum(['av_fmp4', 'legacy_jpeg']),
  toggles: z.object({ enhancement: z.boolean(), autoExtension: z.boolean(), loop: z.boolean() }),
  single_clip: z.boolean(),
  paused: z.boolean(),
  curated_prompts: z.array(z.string()),
  curated_next: z.int(),
  history: z.array(z.string()).default([]),
  next_segment_idx: z.int(),
  completed_segments: z.int(),
  pts_base_ms: z.number(),
  continuation: ContinuationStateSchema.nullable(),
  video_frames: z.int(),
  audio: z.object({ next_sample: z.int(), tail_start: z.int() }).optional(),
  tail_blob: z.string().optional(),
  blob_ids: z.array(z.string()),
});
export type SessionRecord = z.infer<typeof SessionRecordSchema>;

export interface RecordBlobs {
  /** The continuation state without its large members. */
  readonly continuation: Session['continuation'];
  readonly tailBlob: string | undefined;
  /** All blobs of the record. */
  readonly blobIds: readonly string[];
}

export function toRecord(session: Session, blobs: RecordBlobs): SessionRecord {
  const { audio } = session.timeline;
  return {
    id: session.id,
    ...(session.preset === undefined ? {} : { preset: session.preset }),
    stream_mode: session.streamMode,
    toggles: session.toggles,
    single_clip: session.singleClip,
    paused: session.paused,
    curated_prompts: [...session.curatedPrompts],
    curated_next: session.curatedNext,
    history: [...session.history],
    next_segment_idx: session.nextSegmentIdx,
    completed_segments: session.completedSegments,
    pts_base_ms: session.ptsBaseMs,
    continuation: blobs.continuation,
    video_frames: session.timeline.videoFrames,
    ...(audio ? { audio: { next_sample: audio.nextSample, tail_start: audio.tailStart } } : {}),
    ...(blobs.tailBlob === undefined ? {} : { tail_blob: blobs.tailBlob }),
    blob_ids: [...blobs.blobIds],
  };
}

/** Throws a `ZodError` for a text that is no record of this version. */
export function parseRecord(text: string): SessionRecord {
  return SessionRecordSchema.parse(JSON.parse(text));
}

/** The session in its first state. Without the tail of its sound it goes on behind a short fade. */
export function fromRecord(
  record: SessionRecord,
  continuation: Session['continuation'],
  tailBytes: Uint8Array | undefined,
): Session {
  const { audio, preset, video_frames: videoFrames } = record;
  // Copied: a Float32Array wants an offset that is a multiple of 4.
  const tail = new Float32Array(tailBytes?.slice().buffer ?? new ArrayBuffer(0));
  return {
    ...openSession({
      id: record.id,
      ...(preset === undefined ? {} : { preset }),
      streamMode: record.stream_mode,
      toggles: record.toggles,
      singleClip: record.single_clip,
      curatedPrompts: record.curated_prompts,
      continuation,
    }),
    paused: record.paused,
    curatedNext: record.curated_next,
    history: record.history,
    nextSegmentIdx: record.next_segment_idx,
    completedSegments: record.completed_segments,
    ptsBaseMs: record.pts_base_ms,
    timeline: audio
      ? {
          videoFrames,
          audio: {
            nextSample: audio.next_sample,
            tailStart: tail.length > 0 ? audio.tail_start : audio.next_sample,
            tail,
          },
        }
      : { videoFrames },
  };
}
