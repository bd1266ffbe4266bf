import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';
import type { ProjectState, ProjectToggles, RawPrompt, RewriteSettings, Step } from './project-state.ts';
import { requestStart, shownCap } from './stream-start.ts';
import { retryExtension } from './user-prompts.ts';

const toggleFrames = {
  enhancement: 'enhancement_updated',
  autoExtension: 'auto_extension_updated',
  loop: 'loop_generation_updated',
} as const;

export function setToggle(state: ProjectState, toggle: keyof ProjectToggles, enabled: boolean): Step {
  const next = retryExtension({ ...state, toggles: { ...state.toggles, [toggle]: enabled } });
  return { state: next, frames: [{ type: toggleFrames[toggle], enabled }] };
}

export function setPaused(state: ProjectState, paused: boolean): Step {
  return { state: { ...state, paused }, frames: [{ type: 'generation_paused_updated', paused }] };
}

/** Who asks for a new start wants to see it. */
export function unpause(state: ProjectState): Step {
  return state.paused ? setPaused(state, false) : { state, frames: [] };
}

/** Without a model the operator's counts; the client is told which one that is. */
export function setRewriteModel(state: ProjectState, model: string | undefined, operators?: string): Step {
  const { model: _, ...rest } = state.rewriteSettings;
  const rewriteSettings: RewriteSettings = { ...rest, ...(model === undefined ? {} : { model }) };
  const counts = model ?? operators;
  const told = counts === undefined ? {} : { rewrite_model: counts };
  return { state: { ...state, rewriteSettings }, frames: [{ type: 'rewrite_model_updated', ...told }] };
}

export function setRewriteTemperature(
  state: ProjectState,
  temperature: number | undefined,
  operators?: number,
): Step {
  const { temperature: _, ...rest } = state.rewriteSettings;
  const rewriteSettings: RewriteSettings = { ...rest, ...(temperature === undefined ? {} : { temperature }) };
  const counts = temperature ?? operators;
  const told = counts === undefined ? {} : { rewrite_temperature: counts };
  return { state: { ...state, rewriteSettings }, frames: [{ type: 'rewrite_temperature_updated', ...told }] };
}

/** `reset_to_seed_prompts`. What was made counts against the cap as before. */
export function resetToSeeds(state: ProjectState): Step {
  const pending: ProjectServerFrame = {
    type: 'seed_prompts_reset_pending',
    seed_prompt_count: state.seeds.length,
  };
  return { state: requestStart(state, { reason: 'manual_reset' }), frames: [pending] };
}

/** `restart_generation`: the count of segments begins anew. */
export function restartGeneration(state: ProjectState, segmentCap: number): Step {
  const { state: running, frames } = unpause(state);
  const next = requestStart({ ...running, completedSegments: 0 }, { reason: 'cap_restart' });
  const segment_cap = shownCap(state, segmentCap);
  return {
    state: next,
    frames: [...frames, { type: 'generation_restarted', reason: 'cap_restart', segment_cap }],
  };
}

export interface SimpleClip {
  readonly prompt: RawPrompt;
  readonly enhancement: boolean;
  readonly presetId?: string;
  readonly presetLabel?: string;
}

/**
 * `simple_generate`: single-clip mode from here on, and a stream of this one clip. Where it is not to be enhanced, its prompt
 * is the seed prompt, and stays it.
 */
export function simpleGenerate(state: ProjectState, { prompt, enhancement, ...names }: SimpleClip): Step {
  const { state: running, frames } = unpause(state);
  const next: ProjectState = {
    ...running,
    ...names,
    toggles: { enhancement, autoExtension: false, loop: false },
    singleClip: true,
    seeds: enhancement ? [] : [prompt.prompt],
    rewriteHold: false,
  };
  if (!enhancement) return { state: requestStart(next, { reason: 'simple_generate' }), frames };
  const received = { type: 'prompt_received', prompt_id: prompt.promptId, queue_depth: 1 } as const;
  return {
    state: requestStart(next, { reason: 'simple_generate', clip: prompt }),
    frames: [...frames, received],
  };
}
