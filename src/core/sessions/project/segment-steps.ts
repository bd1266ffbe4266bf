import type { Timeline } from '../../media/timeline.ts';
import type { ContinuationState } from '../../protocol/continuation-state.ts';
import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';
import { noSteering } from '../steering.ts';
import type { ProjectSegment, ProjectState, Step } from './project-state.ts';

/** Failures in a row after which nothing is begun until the client asks for it. */
const failuresAllowed = 3;

/** What the client is told when a segment begins. */
export function segmentStartFrames(segment: ProjectSegment): ProjectServerFrame[] {
  const { segmentIdx, source, promptId, seedPromptIndex, loopIteration, totalSegments, prompt } = segment;
  const seed = {
    ...(seedPromptIndex === undefined ? {} : { seed_prompt_index: seedPromptIndex }),
    loop_iteration: loopIteration,
  };
  return [
    {
      type: 'segment_prompt_source',
      segment_idx: segmentIdx,
      source,
      ...(promptId === undefined ? {} : { prompt_id: promptId }),
      fallback_used: false,
      ...seed,
    },
    {
      type: 'ltx2_segment_start',
      segment_idx: segmentIdx,
      total_segments: totalSegments,
      prompt,
      source,
      ...seed,
    },
  ];
}

export interface ProjectSegmentOutcome {
  /** Whether the client was told that it begins; otherwise its index is still free. */
  readonly started: boolean;
  readonly completed: boolean;
  /** Where the media that has left ends. */
  readonly timeline: Timeline;
  /** The state to go on from, where the generator gave one. */
  readonly continuation?: ContinuationState;
}

/**
 * The running segment has ended. Prompts come by themselves here, so a generator that fails each time is not asked for
 * ever: after three failures in a row generation is paused.
 */
export function endSegment(state: ProjectState, outcome: ProjectSegmentOutcome): Step {
  const { current } = state;
  if (!current) return { state, frames: [] };
  const failures = outcome.completed ? 0 : state.failures + 1;
  const pauses = failures >= failuresAllowed && !state.paused && !state.singleClip;
  const next: ProjectState = {
    ...state,
    current: null,
    steering: noSteering,
    nextSegmentIdx: outcome.started ? state.nextSegmentIdx : current.segmentIdx,
    completedSegments: state.completedSegments + (outcome.completed ? 1 : 0),
    clipDone: state.singleClip,
    failures: pauses ? 0 : failures,
    paused: state.paused || pauses,
    timeline: outcome.timeline,
    continuation: outcome.continuation ?? state.continuation,
  };
  return { state: next, frames: pauses ? [{ type: 'generation_paused_updated', paused: true }] : [] };
}
