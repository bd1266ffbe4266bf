import { z } from 'zod';
import type { AudioCarry } from '../media/timeline.ts';
import { boundedList } from '../protocol/bounded-list.ts';
import { ContinuationStateSchema } from '../protocol/continuation-state.ts';
import { openSession, type Session } from './session.ts';

const count = z.int().min(0);

/** What a record for a resume and a checkpoint say alike. */
export const CommonSchema = z.object({
  stream_mode: z.enum(['av_fmp4', 'legacy_jpeg']),
  toggles: z.object({ enhancement: z.boolean(), autoExtension: z.boolean(), loop: z.boolean() }),
  single_clip: z.boolean(),
  paused: z.boolean(),
  curated_prompts: boundedList(z.array(z.string())),
  curated_next: count,
  next_segment_idx: count,
  completed_segments: count,
  pts_base_ms: z.number().min(0),
  continuation: ContinuationStateSchema.nullable(),
  video_frames: count.max(2 ** 40),
});

/** What of a session is kept for a resume; the sound's tail and large members of the state lie in blobs. */
const SessionRecordSchema = CommonSchema.extend({
  id: z.string(),
  preset: z.string().optional(),
  history: z.array(z.string()).default([]),
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
  const { curated_prompts, ...common } = toCommon(session);
  return {
    ...common,
    id: session.id,
    ...(session.preset === undefined ? {} : { preset: session.preset }),
    curated_prompts: [...curated_prompts],
    history: [...session.history],
    continuation: blobs.continuation,
    ...(audio ? { audio: { next_sample: audio.nextSample, tail_start: audio.tailStart } } : {}),
    ...(blobs.tailBlob === undefined ? {} : { tail_blob: blobs.tailBlob }),
    blob_ids: [...blobs.blobIds],
  };
}

/** The members that are the session's own, but for the continuation state. */
export function toCommon(session: Session) {
  return {
    stream_mode: session.streamMode,
    toggles: session.toggles,
    single_clip: session.singleClip,
    paused: session.paused,
    curated_prompts: session.curatedPrompts,
    curated_next: session.curatedNext,
    next_segment_idx: session.nextSegmentIdx,
    completed_segments: session.completedSegments,
    pts_base_ms: session.ptsBaseMs,
    video_frames: session.timeline.videoFrames,
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
  const { audio, id, preset, history } = record;
  const tail = samplesOf(tailBytes ?? new Uint8Array(0));
  const carry = audio && {
    nextSample: audio.next_sample,
    tailStart: tail.length > 0 ? audio.tail_start : audio.next_sample,
    tail,
  };
  return { ...fromCommon(record, { id, preset, continuation, audio: carry }), history };
}

/** What the common members make of a session. */
export function fromCommon(
  common: z.output<typeof CommonSchema>,
  {
    id,
    preset,
    continuation,
    audio,
  }: {
    readonly id: string;
    readonly preset: string | null | undefined;
    readonly continuation: Session['continuation'];
    readonly audio: AudioCarry | undefined;
  },
): Session {
  return {
    ...openSession({
      id,
      ...(preset == null ? {} : { preset }),
      streamMode: common.stream_mode,
      toggles: common.toggles,
      singleClip: common.single_clip,
      curatedPrompts: common.curated_prompts,
      continuation,
    }),
    paused: common.paused,
    curatedNext: common.curated_next,
    nextSegmentIdx: common.next_segment_idx,
    completedSegments: common.completed_segments,
    ptsBaseMs: common.pts_base_ms,
    timeline: { videoFrames: common.video_frames, ...(audio ? { audio } : {}) },
  };
}

/** Copied, because a Float32Array wants an offset that is a multiple of 4; `slice` of a `Buffer` would be no copy. */
export function samplesOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer);
}
