import type { ServerFrame } from '../src/core/protocol/native/server-frames.ts';
import { begin, fail, type SegmentQueue, update } from './segment-queue.ts';

/** What a frame means for the segment list. */
export function applyFrame(queue: SegmentQueue, frame: ServerFrame, now: number): SegmentQueue {
  switch (frame.type) {
    case 'ltx2_segment_start':
      return begin(queue, frame, now);
    case 'step_complete':
      return update(queue, frame.segment_idx, () => ({ step: frame.step, totalSteps: frame.total_steps }));
    case 'media_segment_complete':
      return update(queue, frame.segment_idx, () => ({ durationMs: frame.duration_ms }));
    case 'ltx2_segment_complete':
      return update(queue, frame.segment_idx, () => ({
        state: 'done',
        generationMs: frame.generation_time_ms,
        frames: frame.frames,
      }));
    case 'segment_cancelled':
      return update(queue, frame.segment_idx, () => ({ state: 'cancelled' }));
    case 'prompt_fallback_used':
      return update(queue, frame.segment_idx, () => ({ note: 'Enhancement failed; used as written.' }));
    case 'error':
      return applyError(queue, frame);
    default:
      return queue;
  }
}

function applyError(queue: SegmentQueue, frame: Extract<ServerFrame, { type: 'error' }>): SegmentQueue {
  switch (frame.code) {
    case 'worker_failed':
    case 'upstream_timeout':
    case 'internal_error':
      return fail(queue, 'running', frame.message);
    case 'prompt_blocked':
      return fail(queue, 'sent', frame.message, 'blocked');
    case 'invalid_message':
      if (frame.about?.toggle !== undefined || frame.about?.message === 'cancel_segment') return queue;
      // A running segment was accepted already: it cannot be what is meant.
      return queue.entries.some(({ state }) => state === 'sent') ? fail(queue, 'sent', frame.message) : queue;
    default:
      return queue;
  }
}

export type Toggle = NonNullable<NonNullable<Extract<ServerFrame, { type: 'error' }>['about']>['toggle']>;
