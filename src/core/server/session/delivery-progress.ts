import type { Timeline } from '../../media/timeline.ts';
import type { SegmentEvent, SegmentRequest } from '../../pool/pool.ts';
import { type AlreadySent, nothingSent } from '../../protocol/checkpoint.ts';
import type { ContinuationState } from '../../protocol/continuation-state.ts';

/** What of one segment has left, also when it is cut off. */
export interface DeliveryProgress {
  /** What had left before this run: another replica began the segment. */
  readonly before: AlreadySent;
  /** The last step that the generator reported. */
  readonly step: number;
  /** Media fragments that have left, in so many binary messages. */
  readonly chunks: number;
  readonly bytes: number;
  /** Frames of video that have left. */
  readonly frames: number;
  /** Whether the client has an initialization segment, from this run or before it. */
  readonly hasInit: boolean;
  /** Where the media that has left ends. */
  readonly timeline: Timeline;
  readonly continuation: ContinuationState | undefined;
  readonly cancelled: boolean;
}

/** `timeline` is where the media before the segment ends. */
export function progressFrom(timeline: Timeline, before: AlreadySent = nothingSent(0)): DeliveryProgress {
  return {
    before,
    step: before.steps,
    chunks: before.chunks,
    bytes: before.bytes,
    frames: before.frames,
    hasInit: before.init,
    timeline: timelineAfter(timeline, before),
    continuation: undefined,
    cancelled: false,
  };
}

/** What the event brings is as good as sent. */
export function progressed(progress: DeliveryProgress, event: SegmentEvent): DeliveryProgress {
  const { step, chunks, bytes, frames } = progress;
  switch (event.type) {
    case 'step':
      return { ...progress, step: Math.max(step, event.step) };
    case 'steered':
      return progress;
    case 'init':
      return { ...progress, hasInit: true };
    case 'media':
      return {
        ...progress,
        chunks: chunks + 1,
        bytes: bytes + event.data.length,
        frames: frames + event.frames,
        timeline: event.timeline,
      };
    case 'jpeg':
      return { ...progress, frames: frames + event.files.length, timeline: event.timeline };
    case 'state':
      return { ...progress, continuation: event.state };
    case 'done':
      return { ...progress, timeline: event.timeline, cancelled: event.cancelled };
  }
}

/** What the pool is to leave out; undefined when nothing was sent. */
export function sentOf(before: AlreadySent | undefined): SegmentRequest['sent'] {
  if (!before || (before.frames === 0 && before.audio_end === null)) return undefined;
  return { frames: before.frames, ...(before.audio_end === null ? {} : { nextSample: before.audio_end }) };
}

/** Where the media that was sent ends. A segment that is cut off there has no sound to go on with, like one that this process began. */
export function timelineAfter(
  { videoFrames, audio }: Timeline,
  { frames, audio_end: end }: AlreadySent,
): Timeline {
  const carry = end === null ? audio : { nextSample: end, tailStart: end, tail: new Float32Array(0) };
  return { videoFrames: videoFrames + frames, ...(carry ? { audio: carry } : {}) };
}
