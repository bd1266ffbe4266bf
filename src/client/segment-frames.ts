import { errorWords } from '../core/protocol/error-words.ts';
import { errorOf } from './errors.ts';
import type { ErrorServerFrame, ServerFrame } from './frames.ts';
import type { SegmentEntry } from './segment-entry.ts';
import { begin, fail, running, type SegmentQueue, sent, update } from './segment-queue.ts';

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

function applyError(queue: SegmentQueue, frame: ErrorServerFrame): SegmentQueue {
  // Requests that a session's end leaves unmade are kept for the next one.
  if (frame.code === 'session_rejected') return queue;
  const failed = frame.about ? subjectOf(frame.about, queue) : guessedSubject(frame, queue);
  if (!failed) return queue;
  return fail(queue, failed, errorWords(frame.message), errorOf(frame));
}

/** The segment that the server names; undefined: it means none of this list. */
function subjectOf(
  { segment_idx, message }: NonNullable<ErrorServerFrame['about']>,
  queue: SegmentQueue,
): SegmentEntry | undefined {
  // The segment goes on with the words that it has.
  if (message === 'prompt_update') return undefined;
  const current = running(queue);
  if (segment_idx !== undefined && current?.segmentIdx === segment_idx) return current;
  return message === 'segment_prompt_source' ? sent(queue) : undefined;
}

/** A server that names nothing: a worker fails with what it makes; what is refused is what was asked for last. */
function guessedSubject({ code }: ErrorServerFrame, queue: SegmentQueue): SegmentEntry | undefined {
  switch (code) {
    case 'worker_failed':
    case 'upstream_timeout':
    case 'internal_error':
      return running(queue) ?? sent(queue);
    case 'prompt_blocked':
      return sent(queue) ?? running(queue);
    case 'invalid_message':
      // A running segment was accepted already: it cannot be what is meant.
      return sent(queue);
    default:
      return undefined;
  }
}

/** What an open session can be told to do by itself, or to stop. */
export type Toggle = NonNullable<NonNullable<ErrorServerFrame['about']>['toggle']>;
