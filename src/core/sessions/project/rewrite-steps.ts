import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';
import { unpause } from './controls.ts';
import type { FailedAnswer, ProjectRewriteWish, ProjectState, Step } from './project-state.ts';
import { presetFields, requestStart } from './stream-start.ts';

/** What a rewrite brought; without new prompts the old ones stay, and `error` says why. */
export interface RewriteResult {
  readonly prompts: readonly string[];
  readonly fallbackUsed: boolean;
  readonly error?: FailedAnswer['error'];
  readonly about?: FailedAnswer['about'];
  /** Unset where no model is known. */
  readonly model?: string;
  readonly latencyMs: number;
  readonly raw?: string;
  readonly instruction?: string;
  /** What the model calls the new prompts, where it says so. */
  readonly id?: string;
  readonly label?: string;
  /** Whether there were new prompts that may not be used. */
  readonly refused?: boolean;
}

/** A rewrite begins; while a segment is being made nothing new begins before it is done. */
export function beginRewrite(state: ProjectState, rewrite: ProjectRewriteWish): Step {
  const { rewriteHold, current, singleClip, waitingFor } = state;
  const hold = rewriteHold || (current !== null && !singleClip && waitingFor === null);
  const started: ProjectServerFrame = {
    type: 'rewrite_seed_prompts_started',
    ...modelField(rewrite.settings.model),
  };
  return { state: { ...state, rewriteHold: hold, rewrite }, frames: [started] };
}

/** The rewrite is given up, and nobody is told: another one takes its place, or its project has ended. */
export function dropRewrite(state: ProjectState): ProjectState {
  return { ...state, rewriteHold: false, rewrite: null };
}

/**
 * The rewrite is done. New prompts start a new stream where it began during a segment, or where generation waits for it;
 * else only the prompts change.
 */
export function endRewrite(state: ProjectState, result: RewriteResult): Step {
  const { prompts, id = state.presetId, label = state.presetLabel } = result;
  const ended: ProjectState = { ...state, rewriteHold: false, rewrite: null };
  if (prompts.length === 0) return { state: ended, frames: resultFrames(ended, result) };
  const renewed: ProjectState = {
    ...ended,
    seeds: prompts,
    ...(id === undefined ? {} : { presetId: id }),
    ...(label === undefined ? {} : { presetLabel: label }),
  };
  const { state: next, frames } = restart(renewed, state.rewriteHold);
  return { state: next, frames: [...frames, ...resultFrames(next, result)] };
}

function restart(state: ProjectState, duringSegment: boolean): Step {
  if (state.singleClip) return { state: { ...state, seedNext: 0 }, frames: [] };
  const renewed: ProjectState = { ...state, completedSegments: 0 };
  if (state.waitingFor !== null) {
    const reason = state.waitingFor === 'initial_rewrite' ? 'initial_rewrite' : 'rewrite_rollout';
    const { state: running, frames } = unpause(renewed);
    return { state: requestStart(running, { reason }), frames };
  }
  if (!duringSegment) return { state, frames: [] };
  // A user who paused it says when it goes on.
  return { state: requestStart(renewed, { reason: 'rewrite_during_generation' }), frames: [] };
}

function modelField(model: string | undefined) {
  return model === undefined ? {} : { model };
}

function resultFrames(state: ProjectState, result: RewriteResult): ProjectServerFrame[] {
  const { fallbackUsed, error, about, model, latencyMs, raw, instruction, refused = false } = result;
  const common = {
    ...presetFields(state),
    fallback_used: fallbackUsed,
    ...(error === undefined ? {} : { error }),
    ...(about === undefined ? {} : { about }),
    ...modelField(model),
    latency_ms: latencyMs,
  };
  const complete: ProjectServerFrame = { type: 'rewrite_seed_prompts_complete', ...common };
  if (refused) return [complete];
  const updated: ProjectServerFrame = {
    type: 'seed_prompts_updated',
    prompts: [...state.seeds],
    reason: 'rewrite',
    ...common,
    ...(raw === undefined ? {} : { raw_llm_output: raw }),
    ...(instruction === undefined ? {} : { rewrite_instruction: instruction }),
  };
  return [updated, complete];
}
