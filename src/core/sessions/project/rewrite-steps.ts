import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';
import { unpause } from './controls.ts';
import type { ProjectRewriteWish, ProjectState, Step } from './project-state.ts';
import { presetFields, requestStart } from './stream-start.ts';

/** What a rewrite brought; `error` is set when it failed, then the old prompts stay. */
export interface RewriteResult {
  readonly prompts: readonly string[];
  readonly fallbackUsed: boolean;
  readonly error?: string;
  readonly model: string;
  readonly latencyMs: number;
  readonly raw?: string;
  readonly instruction?: string;
}

/** A rewrite begins; while a segment is being made nothing new begins before it is done. */
export function beginRewrite(state: ProjectState, rewrite: ProjectRewriteWish): Step {
  const { rewriteHold, current, singleClip, waitingFor } = state;
  const hold = rewriteHold || (current !== null && !singleClip && waitingFor === null);
  const started: ProjectServerFrame = {
    type: 'rewrite_seed_prompts_started',
    model: rewrite.settings.model,
  };
  return { state: { ...state, rewriteHold: hold, rewrite }, frames: [started] };
}

/** The rewrite is given up, and nobody is told: another one takes its place, or its project has ended. */
export function dropRewrite(state: ProjectState): ProjectState {
  return { ...state, rewriteHold: false, rewrite: null };
}

/** The rewrite is done: new prompts start a new stream, but in single-clip mode. */
export function endRewrite(state: ProjectState, result: RewriteResult): Step {
  const failed = result.error !== undefined;
  const seeds = failed ? state.seeds : result.prompts;
  const held: ProjectState = { ...state, rewriteHold: false, rewrite: null, seeds };
  const { state: next, frames } = failed ? { state: held, frames: [] } : restart(held);
  return { state: next, frames: [...frames, ...resultFrames(next, result)] };
}

function restart(state: ProjectState): Step {
  if (state.singleClip) return { state: { ...state, seedNext: 0 }, frames: [] };
  const renewed: ProjectState = { ...state, completedSegments: 0 };
  if (state.waitingFor === null) {
    // A user who paused it says when it goes on.
    return { state: requestStart(renewed, { reason: 'rewrite_during_generation' }), frames: [] };
  }
  const reason = state.waitingFor === 'initial_rewrite' ? 'initial_rewrite' : 'rewrite_rollout';
  const { state: running, frames } = unpause(renewed);
  return { state: requestStart(running, { reason }), frames };
}

function resultFrames(state: ProjectState, result: RewriteResult): ProjectServerFrame[] {
  const { fallbackUsed, error, model, latencyMs, raw, instruction } = result;
  const common = {
    ...presetFields(state),
    fallback_used: fallbackUsed,
    ...(error === undefined ? {} : { error }),
    model,
    latency_ms: latencyMs,
  };
  return [
    {
      type: 'seed_prompts_updated',
      prompts: [...state.seeds],
      reason: 'rewrite',
      ...common,
      ...(raw === undefined ? {} : { raw_llm_output: raw }),
      ...(instruction === undefined ? {} : { rewrite_instruction: instruction }),
    },
    { type: 'rewrite_seed_prompts_complete', ...common },
  ];
}
