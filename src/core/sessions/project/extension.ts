import type { FailedAnswer, ProjectState, Step } from './project-state.ts';
import { waitingPrompts } from './user-prompts.ts';

/** Whether a model is to write the next prompt, while the segment before it is made or when nothing is. */
export function wantsExtension(state: ProjectState, segmentCap: number): boolean {
  const { toggles, seeds, seedNext, extension, history, completedSegments, current } = state;
  if (!toggles.autoExtension || state.singleClip || !state.streaming || state.project !== 'active')
    return false;
  if (state.paused || state.rewriteHold || state.waitingFor !== null || state.pendingStart) return false;
  if (waitingPrompts(state) > 0 || seedNext < seeds.length || history.length === 0) return false;
  if (toggles.loop && seeds.length > 0) return false;
  if (completedSegments + (current ? 1 : 0) >= segmentCap) return false;
  return (
    extension.kind === 'none' || (extension.kind === 'failed' && extension.failedAt !== state.nextSegmentIdx)
  );
}

export function askExtension(state: ProjectState): ProjectState {
  return { ...state, extension: { kind: 'asked' } };
}

/** Another stream began meanwhile, or the project ended: the answer is of no use. */
function isLate(state: ProjectState, stream: number): boolean {
  return state.streams !== stream || state.extension.kind !== 'asked';
}

/** The model wrote `prompt` for the stream with that number. */
export function extensionWritten(state: ProjectState, stream: number, prompt: string): ProjectState {
  return isLate(state, stream) ? state : { ...state, extension: { kind: 'ready', prompt } };
}

/** Nobody could write it: not tried again for that segment until a toggle or a prompt of the user comes. */
export function extensionFailed(
  state: ProjectState,
  stream: number,
  failure: FailedAnswer,
  latencyMs: number,
): Step {
  if (isLate(state, stream)) return { state, frames: [] };
  const segment_idx = state.nextSegmentIdx;
  return {
    state: { ...state, extension: { kind: 'failed', failedAt: segment_idx } },
    frames: [{ type: 'auto_prompt_failed', segment_idx, latency_ms: latencyMs, ...failure }],
  };
}
