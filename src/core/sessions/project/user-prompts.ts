import type { FailedAnswer, ProjectState, RawPrompt, ReadyPrompt, Step } from './project-state.ts';

/** Prompts of the user that wait. */
export function waitingPrompts({ raw, ready }: ProjectState): number {
  return raw.length + ready.length;
}

/** Takes a prompt of the user up, behind those that wait. */
export function appendPrompt(state: ProjectState, prompt: RawPrompt): Step {
  const next = retryExtension({ ...state, raw: [...state.raw, prompt] });
  const frame = {
    type: 'prompt_received',
    prompt_id: prompt.promptId,
    queue_depth: waitingPrompts(next),
  } as const;
  return { state: next, frames: [frame] };
}

/** It is being enhanced; the client is told once. */
export function promptEnhancing(state: ProjectState, key: number): Step {
  const prompt = state.raw.find((raw) => raw.key === key);
  if (!prompt || prompt.enhancing) return { state, frames: [] };
  const raw = state.raw.map((one) => (one.key === key ? { ...one, enhancing: true } : one));
  return { state: { ...state, raw }, frames: [{ type: 'prompt_enhancing', prompt_id: prompt.promptId }] };
}

/** It may be made. Nothing happens when it was dropped meanwhile. */
export function promptReady(
  state: ProjectState,
  key: number,
  words: string,
  enhancedMs: number | null,
): Step {
  const prompt = state.raw.find((raw) => raw.key === key);
  if (!prompt) return { state, frames: [] };
  const source = enhancedMs === null ? 'user_raw' : 'user_enhanced';
  const { enhancing: _, ...came } = prompt;
  const ready: ReadyPrompt = { ...came, prompt: words, source };
  const frame = {
    type: 'prompt_ready',
    prompt_id: prompt.promptId,
    prompt: words,
    source,
    latency_ms: enhancedMs ?? 0,
  } as const;
  return { state: { ...withoutRaw(state, key), ready: [...state.ready, ready] }, frames: [frame] };
}

/** Nobody could enhance it: it is not used. */
export function promptFailed(
  state: ProjectState,
  key: number,
  failure: FailedAnswer,
  latencyMs: number,
): Step {
  const prompt = state.raw.find((raw) => raw.key === key);
  if (!prompt) return { state, frames: [] };
  const frame = {
    type: 'prompt_fallback_used',
    prompt_id: prompt.promptId,
    prompt: prompt.prompt,
    source: 'user_enhancement_failed',
    latency_ms: latencyMs,
    ...failure,
  } as const;
  return { state: dropRaw(state, key), frames: [frame] };
}

/** Takes a prompt out that may not be used; in single-clip mode that was the clip. */
export function dropRaw(state: ProjectState, key: number): ProjectState {
  const next = withoutRaw(state, key);
  return { ...next, clipDone: next.clipDone || (next.singleClip && waitingPrompts(next) === 0) };
}

/** A toggle or a prompt of the user came: an extension that failed may be tried again. */
export function retryExtension(state: ProjectState): ProjectState {
  return state.extension.kind === 'failed' ? { ...state, extension: { kind: 'none' } } : state;
}

function withoutRaw(state: ProjectState, key: number): ProjectState {
  return { ...state, raw: state.raw.filter((raw) => raw.key !== key) };
}
