import { expect } from 'vitest';
import { type DecodedFrame, decodedFrames } from './decoded.ts';
import type { Frame } from './frame-documents.ts';
import type { MovingClient } from './moving-client.ts';

/** How long something took, and names that are made anew, differ each time. */
const different =
  /_ms$|^(stream_id|session_id|resume_token|worker_id|gpu_id|prompt_id|latency_ms|bytes|chunks)$/;
/** These last as long as the media does. */
const steady = ['duration_ms', 'pts_base_ms'];
const ofSegments = [
  'segment_prompt_source',
  'ltx2_segment_start',
  'step_complete',
  'media_segment_complete',
  'ltx2_segment_complete',
  'segment_cancelled',
  'ltx2_stream_start',
  'ltx2_stream_complete',
  'project_idle',
];

/**
 * What a client was told: what is about segments in its order, the rest in its order by type, because prompts are made
 * ready beside the segments. How media is cut into chunks, and where another initialization segment comes, is left out.
 */
export function told(client: MovingClient): object {
  const frames = client.frames.filter(
    ({ type }) => !['media_init', 'frame_batch', 'queue_status'].includes(type),
  );
  const others = frames.filter(({ type }) => !ofSegments.includes(type)).map(lasting);
  const byType: Record<string, object[]> = {};
  for (const frame of others) {
    const type = String(frame['type']);
    byType[type] = [...(byType[type] ?? []), frame];
  }
  return { segments: frames.filter(({ type }) => ofSegments.includes(type)).map(lasting), byType };
}

function lasting(frame: Frame): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(frame).filter(([name]) => steady.includes(name) || !different.test(name)),
  );
}

interface Shown {
  readonly video: readonly (readonly [number, string])[] | readonly string[];
  /** Times of the sound's packets: what they hold depends on where an encoder began. */
  readonly audio: readonly number[];
  /** Whether the last segment was gone on with when all of its frames were there. */
  readonly soundWaits: boolean;
}

/** What a client sees and hears. Throws when the film does not play. */
export async function picturesOf(client: MovingClient): Promise<Shown> {
  const { soundWaits } = client;
  const batches = client.frames.filter(({ type }) => type === 'frame_batch');
  if (batches.length > 0) {
    return { video: batches.flatMap((batch) => batch['frames'] as string[]), audio: [], soundWaits };
  }
  if (client.media.length === 0) return { video: [], audio: [], soundWaits };
  const frames: DecodedFrame[] = await decodedFrames(client.film());
  const of = (track: number) => frames.filter((frame) => frame.track === track);
  return {
    video: of(0).map(({ pts, md5 }) => [pts, md5] as const),
    audio: of(1).map(({ pts }) => pts),
    soundWaits,
  };
}

/** How many packets of sound may wait for a segment that never came: what an encoder looks ahead. */
const mostWaiting = 4;
/** The same where all frames of the last segment had come before the cut: the rest of its sound waits too. */
const mostWaitingBehindFrames = 16;

/** The same pictures at the same times, and sound without a gap. */
export function expectShown(moved: Shown, whole: Shown, what: string): void {
  expect(moved.video, what).toEqual(whole.video);
  expect(moved.audio, what).toEqual(whole.audio.slice(0, moved.audio.length));
  expect(whole.audio.length - moved.audio.length, what).toBeLessThanOrEqual(
    moved.soundWaits ? mostWaitingBehindFrames : mostWaiting,
  );
}

/** Numbers from 0 to 1 that are the same each time (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
