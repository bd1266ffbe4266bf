import type { RecentPrompts } from '../base/hide-prompts.ts';

/** Frames that tell nothing that is read later, or tell it again and again. */
const unlogged = new Set([
  'queue_status',
  'gpu_assigned',
  'ltx2_stream_start',
  'ltx2_segment_start',
  'segment_prompt_source',
  'media_init',
  'step_complete',
  'frame_batch',
  'media_segment_complete',
  'ltx2_segment_complete',
  'continuation_state_snapshot',
  'snapshot_state',
]);

/** Members of megabytes, and what lets others into a session. */
const omitted = new Set([
  'initial_image',
  'last_frame_image',
  'continuation_state',
  'state',
  'resume',
  'resume_token',
  'checkpoint',
  'already_sent',
]);

/** Members whose texts are prompts, or were made of some. */
const prompts = new Set([
  'prompt',
  'prompts',
  'negative_prompt',
  'curated_prompts',
  'segment_prompts',
  'seed_prompts',
  'prompt_window_prompts',
  'initial_rollout_prompt',
  'rewrite_instruction',
  'raw_llm_output',
]);

type Frame = Readonly<Record<string, unknown>>;

/** What the session log says of a frame that was sent or received; undefined for one that it does not tell of. */
export function loggedFrame(frame: object): { readonly event: string; readonly payload: Frame } | undefined {
  const { type, ...fields } = frame as Frame;
  if (typeof type !== 'string' || unlogged.has(type)) return undefined;
  const kept = Object.entries(fields).filter(([key, value]) => value != null && !omitted.has(key));
  return { event: type, payload: Object.fromEntries(kept) };
}

/** The same with the length in place of each prompt; what else repeats one of the session, or one of this, hides it. */
export function withoutPrompts(payload: Frame, recent: RecentPrompts): Frame {
  const entries = Object.entries(payload);
  for (const [key, value] of entries) if (prompts.has(key)) remember(value, recent);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, prompts.has(key) ? lengthsOf(value) : hidden(value, recent)]),
  );
}

function remember(value: unknown, recent: RecentPrompts): void {
  if (typeof value === 'string') recent.remember(value);
  else if (Array.isArray(value)) for (const each of value) remember(each, recent);
}

function hidden(value: unknown, recent: RecentPrompts): unknown {
  if (typeof value === 'string') return recent.hide(value);
  if (Array.isArray(value)) return value.map((each) => hidden(each, recent));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, hidden(each, recent)]));
}

function lengthsOf(value: unknown): unknown {
  if (typeof value === 'string') return `${value.length} characters`;
  return Array.isArray(value) ? value.map(lengthsOf) : undefined;
}
