import type { Timeline } from '../media/timeline.ts';
import type { ContinuationState } from '../protocol/continuation-state.ts';

/** What a segment leaves behind. */
export interface SegmentOutcome {
  /** Whether the client was told that it begins; otherwise its index is still free. */
  readonly started: boolean;
  readonly completed: boolean;
  /** Where the media that has left ends. */
  readonly timeline: Timeline;
  /** Milliseconds of media that have left. */
  readonly durationMs: number;
  /** The state to go on from, where the generator gave one. */
  readonly continuation?: ContinuationState;
}
