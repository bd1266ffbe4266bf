import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';
import type { PendingStart, ProjectState, Step } from './project-state.ts';

/** Another stream is to start as soon as no segment is being made. The last wish counts; a clip of the one before is dropped. */
export function requestStart(state: ProjectState, pendingStart: PendingStart): ProjectState {
  const clip = state.pendingStart?.clip;
  const raw = clip ? [...state.raw, clip] : state.raw;
  return { ...state, raw, pendingStart, waitingFor: null, clipDone: false };
}

/**
 * Begins the stream that was asked for: from the first seed prompt, with no continuation state. Prompts of the user that
 * wait are dropped, but at a loop's turn.
 */
export function startStream(state: ProjectState, start: PendingStart, segmentCap: number): Step {
  const keeps = start.reason === 'loop_restart' || start.reason === 'init';
  const next: ProjectState = {
    ...state,
    pendingStart: null,
    streaming: true,
    seedNext: 0,
    raw: [...(keeps ? state.raw : []), ...(start.clip ? [start.clip] : [])],
    ready: keeps ? state.ready : [],
    extension: { kind: 'none' },
    history: [],
    loopIteration: state.loopIteration + 1,
    streams: state.streams + 1,
    nextSegmentIdx: 1,
    clipDone: false,
    continuation: null,
  };
  const dropped = keeps ? noneDropped : droppedQueues(state);
  return { state: next, frames: [streamStart(next, segmentCap), ...whyStarted(next, start.reason, dropped)] };
}

interface Dropped {
  readonly dropped_user_raw_queue: number;
  readonly dropped_user_ready_queue: number;
}

const noneDropped: Dropped = { dropped_user_raw_queue: 0, dropped_user_ready_queue: 0 };

/** How many prompts go when the queues are dropped. */
export function droppedQueues({ raw, ready }: ProjectState): Dropped {
  return { dropped_user_raw_queue: raw.length, dropped_user_ready_queue: ready.length };
}

/** Segments until the stream ends by itself; 0 where that does not hold. */
export function shownCap({ singleClip }: ProjectState, segmentCap: number): number {
  return singleClip || segmentCap === Number.POSITIVE_INFINITY ? 0 : segmentCap;
}

export function presetFields({ presetId, presetLabel }: ProjectState) {
  return {
    ...(presetId === undefined ? {} : { preset_id: presetId }),
    ...(presetLabel === undefined ? {} : { preset_label: presetLabel }),
  };
}

function streamStart(state: ProjectState, segmentCap: number): ProjectServerFrame {
  const { presetId, toggles, loopIteration, seeds, raw, singleClip } = state;
  return {
    type: 'ltx2_stream_start',
    total_segments: Math.max(seeds.length, singleClip ? Math.min(1, raw.length) : 0),
    ...(presetId === undefined ? {} : { preset_id: presetId }),
    stream_mode: 'av_fmp4',
    live_mode: true,
    loop_generation_enabled: toggles.loop,
    loop_iteration: loopIteration,
    generation_segment_cap: shownCap(state, segmentCap),
    ...(state.creation ? { creation_config: state.creation.config } : {}),
  };
}

/** The frames behind the stream's start. A new project is told its prompts, like the first one, and why it started. */
function whyStarted(
  state: ProjectState,
  reason: PendingStart['reason'],
  dropped: Dropped,
): ProjectServerFrame[] {
  const { seeds, loopIteration } = state;
  const counts = { loop_iteration: loopIteration, seed_prompt_count: seeds.length, ...dropped };
  const prompts: ProjectServerFrame = {
    type: 'seed_prompts_updated',
    prompts: [...seeds],
    ...presetFields(state),
    reason: 'init',
    seed_prompt_count: seeds.length,
  };
  if (reason === 'init') return [prompts];
  if (reason === 'loop_restart') return [{ type: 'loop_restarted', ...counts }];
  const applied: ProjectServerFrame = { type: 'seed_prompts_reset_applied', reason, ...counts };
  return reason === 'project_init' ? [prompts, applied] : [applied];
}
