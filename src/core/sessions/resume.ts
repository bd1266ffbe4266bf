import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Part } from '../base/lifecycle.ts';
import type { Timeline } from '../media/timeline.ts';
import { ContinuationStateSchema } from '../protocol/continuation-state.ts';
import { openSession, type Session } from './session.ts';
import type { BlobStore, SessionStore } from './stores/store.ts';

const RecordSchema = z.object({
  preset: z.string().optional(),
  toggles: z.object({ enhancement: z.boolean(), autoExtension: z.boolean(), loop: z.boolean() }),
  single_clip: z.boolean(),
  paused: z.boolean(),
  curated_prompts: z.array(z.string()),
  curated_next: z.int(),
  next_segment_idx: z.int(),
  completed_segments: z.int(),
  pts_base_ms: z.number(),
  continuation: ContinuationStateSchema.nullable(),
  video_frames: z.int(),
  audio: z.object({ next_sample: z.int(), tail_start: z.int(), tail_blob: z.string().optional() }).optional(),
});

/** Keeps sessions whose client has gone, for a while, and gives each back once to who knows its token. */
export class ResumableSessions implements Part {
  readonly name = 'resumable sessions';
  readonly #sessions: SessionStore;
  readonly #blobs: BlobStore;
  readonly #ttlMs: number;

  constructor(sessions: SessionStore, blobs: BlobStore, ttlMs: number) {
    this.#sessions = sessions;
    this.#blobs = blobs;
    this.#ttlMs = ttlMs;
  }

  async stop(): Promise<void> {
    await this.#sessions.close();
    await this.#blobs.close();
  }

  newToken(): string {
    return randomBytes(32).toString('base64url');
  }

  async save(session: Session, token: string): Promise<void> {
    const { audio } = session.timeline;
    const tail = audio && audio.tail.length > 0 ? audio.tail : undefined;
    const blob =
      tail &&
      (await this.#blobs.put(new Uint8Array(tail.buffer, tail.byteOffset, tail.byteLength), this.#ttlMs));
    const record: z.infer<typeof RecordSchema> = {
      preset: session.preset,
      toggles: session.toggles,
      single_clip: session.singleClip,
      paused: session.paused,
      curated_prompts: [...session.curatedPrompts],
      curated_next: session.curatedNext,
      next_segment_idx: session.nextSegmentIdx,
      completed_segments: session.completedSegments,
      pts_base_ms: session.ptsBaseMs,
      continuation: session.continuation,
      video_frames: session.timeline.videoFrames,
      audio: audio && { next_sample: audio.nextSample, tail_start: audio.tailStart, tail_blob: blob },
    };
    await this.#sessions.put(keyOf(session.id, token), JSON.stringify(record), this.#ttlMs);
  }

  /** The session as it was, in its first state; undefined for an unknown id, a wrong, old or used token. */
  async take(sessionId: string, token: string): Promise<Session | undefined> {
    const text = await this.#sessions.take(keyOf(sessionId, token));
    if (text === undefined) return undefined;
    const record = RecordSchema.parse(JSON.parse(text));
    const { preset } = record;
    return {
      ...openSession({
        id: sessionId,
        ...(preset === undefined ? {} : { preset }),
        toggles: record.toggles,
        singleClip: record.single_clip,
        curatedPrompts: record.curated_prompts,
        continuation: record.continuation,
      }),
      paused: record.paused,
      curatedNext: record.curated_next,
      nextSegmentIdx: record.next_segment_idx,
      completedSegments: record.completed_segments,
      ptsBaseMs: record.pts_base_ms,
      timeline: await this.#timeline(record),
    };
  }

  async #timeline({ video_frames: videoFrames, audio }: z.infer<typeof RecordSchema>): Promise<Timeline> {
    if (!audio) return { videoFrames };
    const bytes = audio.tail_blob === undefined ? undefined : await this.#blobs.get(audio.tail_blob);
    if (audio.tail_blob !== undefined) await this.#blobs.delete(audio.tail_blob);
    const tail = bytes ? new Float32Array(bytes.slice().buffer) : new Float32Array(0);
    const tailStart = bytes ? audio.tail_start : audio.next_sample;
    return { videoFrames, audio: { nextSample: audio.next_sample, tailStart, tail } };
  }
}

/** Names the record to those who know the token, and does not give the token away. */
function keyOf(sessionId: string, token: string): string {
  return createHash('sha256').update(`${sessionId}\n${token}`).digest('hex');
}
