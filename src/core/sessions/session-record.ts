import { z } from 'zod';
import { aspectRatios, resolutions } from '../base/video-shapes.ts';
import type { AudioCarry } from '../media/timeline.ts';
import { boundedList } from '../protocol/bounded-list.ts';
import { ContinuationStateSchema } from '../protocol/continuation-state.ts';
import { AdapterMemberSchema } from '../protocol/lora.ts';
import { nothingLeft, withFields } from './exhaustive.ts';
import { nothingRuns, type Session } from './session.ts';

const count = z.int().min(0);

/** What a record for a resume and a checkpoint say alike. */
export const CommonSchema = z.object({
  stream_mode: z.enum(['av_fmp4', 'legacy_jpeg']),
  toggles: z.object({ enhancement: z.boolean(), autoExtension: z.boolean(), loop: z.boolean() }),
  single_clip: z.boolean(),
  /** Older servers do not know it. */
  realtime: z.boolean().default(false),
  lora: AdapterMemberSchema.nullable().default(null),
  shape: z
    .object({ aspectRatio: z.enum(aspectRatios), resolution: z.enum(resolutions) })
    .nullable()
    .default(null),
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
  const { common: all, rest: own } = toCommon(session);
  const { curated_prompts, lora, ...common } = all;
  const { id, preset, history, audio, continuation: _, ...others } = own;
  // What waits or runs went with the connection.
  const {
    waiting: _waiting,
    ahead: _ahead,
    current: _current,
    rewrite: _rewrite,
    steering: _steering,
    ...known
  } = others;
  const { enhanced: _enhanced, written: _written, writingFailed: _failed, ...rest } = known;
  nothingLeft(rest);
  return {
    ...common,
    lora: lora && [...lora],
    id,
    ...(preset === undefined ? {} : { preset }),
    curated_prompts: [...curated_prompts],
    history: [...history],
    continuation: blobs.continuation,
    ...(audio ? { audio: { next_sample: audio.nextSample, tail_start: audio.tailStart } } : {}),
    ...(blobs.tailBlob === undefined ? {} : { tail_blob: blobs.tailBlob }),
    blob_ids: [...blobs.blobIds],
  };
}

/** The members that are the session's own, but for the continuation state, and what of the session is not in them. */
export function toCommon({
  streamMode,
  toggles,
  singleClip,
  realtime,
  adapters,
  shape,
  paused,
  curatedPrompts,
  curatedNext,
  nextSegmentIdx,
  completedSegments,
  ptsBaseMs,
  timeline,
  ...rest
}: Session) {
  const { videoFrames, audio, ...restOfTimeline } = timeline;
  nothingLeft(restOfTimeline);
  const common = {
    stream_mode: streamMode,
    toggles,
    single_clip: singleClip,
    realtime,
    lora: adapters ?? null,
    shape: shape ?? null,
    paused,
    curated_prompts: curatedPrompts,
    curated_next: curatedNext,
    next_segment_idx: nextSegmentIdx,
    completed_segments: completedSegments,
    pts_base_ms: ptsBaseMs,
    video_frames: videoFrames,
  } satisfies Record<Exclude<keyof z.output<typeof CommonSchema>, 'continuation'>, unknown>;
  return { common, rest: { ...rest, audio } };
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
  return withFields<Session>({
    ...fromCommon(record, { continuation, audio: carry }),
    id,
    preset,
    adapters: record.lora ?? undefined,
    shape: record.shape ?? undefined,
    history,
    waiting: [],
    ahead: null,
    ...nothingRuns,
  });
}

/** What the common members make of a session. */
export function fromCommon(
  common: z.output<typeof CommonSchema>,
  {
    continuation,
    audio,
  }: { readonly continuation: Session['continuation']; readonly audio: AudioCarry | undefined },
) {
  return {
    streamMode: common.stream_mode,
    toggles: common.toggles,
    singleClip: common.single_clip,
    realtime: common.realtime,
    paused: common.paused,
    curatedPrompts: common.curated_prompts,
    curatedNext: common.curated_next,
    nextSegmentIdx: common.next_segment_idx,
    completedSegments: common.completed_segments,
    ptsBaseMs: common.pts_base_ms,
    continuation,
    timeline: { videoFrames: common.video_frames, ...(audio ? { audio } : {}) },
  } satisfies Partial<Session>;
}

/** Copied, because a Float32Array wants an offset that is a multiple of 4; `slice` of a `Buffer` would be no copy. */
export function samplesOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer);
}
