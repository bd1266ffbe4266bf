import { z } from 'zod';
import { boundedList } from '../../protocol/bounded-list.ts';
import { ContinuationStateSchema } from '../../protocol/continuation-state.ts';
import { ProjectPromptSourceSchema, ResetReasonSchema } from '../../protocol/project/common.ts';
import {
  AudioMemberSchema,
  audioMember,
  type CheckpointMembers,
  continuationMember,
  written,
} from '../checkpoint-members.ts';
import type { PendingStart, ProjectSegment, ProjectState, RawPrompt, ReadyPrompt } from './project-state.ts';

const count = z.int().min(0);
const text = z.string().max(1_000_000);
const name = z.string().max(400);

const RawSchema = z.object({ prompt_id: name, prompt: text, enhancing: z.boolean().optional() });
const ReadySchema = z.object({
  prompt_id: name,
  prompt: text,
  source: z.enum(['user_raw', 'user_enhanced']),
});
const temperature = z.number().min(0).max(2).exactOptional();
const systemPrompt = z
  .string()
  .max(256 * 1024)
  .exactOptional();
const RewriteSettingsSchema = z.object({
  model: name.exactOptional(),
  temperature,
  windowSystemPrompt: systemPrompt,
  userSystemPrompt: systemPrompt,
});
const AskedSettingsSchema = z.object({ model: name, temperature, systemPrompt });

/** All that a session of the project dialect is, as another replica goes on from it. */
export const ProjectCheckpointSchema = z.object({
  begun: z.boolean(),
  stream_id: z.string().min(1).max(200).nullable(),
  segment_told: z.boolean(),
  picture: z
    .union([z.literal('opening'), z.object({ mime: z.string().max(200), data: z.string() })])
    .nullable(),
  preset_id: name.nullable(),
  preset_label: name.nullable(),
  toggles: z.object({ enhancement: z.boolean(), autoExtension: z.boolean(), loop: z.boolean() }),
  single_clip: z.boolean(),
  seeds: boundedList(z.array(text)),
  rollout_prompt: text.nullable(),
  rewrite_settings: RewriteSettingsSchema,
  project: z.enum(['active', 'ending', 'idle']),
  paused: z.boolean(),
  waiting_for: z.enum(['initial_rewrite', 'cap', 'clip']).nullable(),
  rewrite_hold: z.boolean(),
  rewrite: z
    .object({
      by: z.enum(['server', 'client']),
      prompts: boundedList(z.array(text)),
      count: z.int().min(1).max(1000),
      anew: z.boolean(),
      instruction: text.optional(),
      settings: AskedSettingsSchema,
    })
    .nullable(),
  pending_start: z
    .object({
      reason: z.union([z.enum(['init', 'loop_restart']), ResetReasonSchema]),
      clip: RawSchema.optional(),
    })
    .nullable(),
  streaming: z.boolean(),
  seed_next: count,
  raw: boundedList(z.array(RawSchema)),
  ready: boundedList(z.array(ReadySchema)),
  extension: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('none') }),
    z.object({ kind: z.literal('asked') }),
    z.object({ kind: z.literal('ready'), prompt: text }),
    z.object({ kind: z.literal('failed'), failedAt: count }),
  ]),
  sources_blocked: z.boolean(),
  history: boundedList(z.array(text), 100),
  loop_iteration: count,
  streams: count,
  next_segment_idx: z.int().min(1),
  current: z
    .object({
      segment_idx: z.int().min(1),
      prompt: text,
      source: ProjectPromptSourceSchema,
      prompt_id: name.optional(),
      seed_prompt_index: count.optional(),
      from_user: z.boolean(),
      loop_iteration: count,
      total_segments: count,
    })
    .nullable(),
  completed_segments: count,
  clip_done: z.boolean(),
  failures: count,
  continuation: ContinuationStateSchema.nullable(),
  video_frames: count.max(2 ** 40),
  audio: AudioMemberSchema.nullable(),
});
export type ProjectCheckpoint = z.output<typeof ProjectCheckpointSchema>;
type Member = z.input<typeof ProjectCheckpointSchema>;

const rawMember = written((raw: readonly RawPrompt[]) => raw.map(rawOut));
const readyMember = written((ready: readonly ReadyPrompt[]) =>
  ready.map(({ promptId, prompt, source }) => ({ prompt_id: promptId, prompt, source })),
);
const startMember = written(({ reason, clip }: PendingStart): Member['pending_start'] => ({
  reason,
  ...(clip ? { clip: rawOut(clip) } : {}),
}));
const currentMember = written((segment: ProjectSegment): Member['current'] => ({
  segment_idx: segment.segmentIdx,
  prompt: segment.prompt,
  source: segment.source,
  prompt_id: segment.promptId,
  seed_prompt_index: segment.seedPromptIndex,
  from_user: segment.receivedAt !== undefined,
  loop_iteration: segment.loopIteration,
  total_segments: segment.totalSegments,
}));

/** The members of `ProjectCheckpointSchema`, but for those about the connection and the picture. */
export function projectMembers(state: ProjectState): CheckpointMembers {
  const { pendingStart, current, continuation, timeline } = state;
  return {
    preset_id: state.presetId ?? null,
    preset_label: state.presetLabel ?? null,
    toggles: state.toggles,
    single_clip: state.singleClip,
    seeds: state.seeds,
    rollout_prompt: state.rolloutPrompt ?? null,
    rewrite_settings: state.rewriteSettings,
    project: state.project,
    paused: state.paused,
    waiting_for: state.waitingFor,
    rewrite_hold: state.rewriteHold,
    rewrite: state.rewrite,
    pending_start: pendingStart && startMember(pendingStart),
    streaming: state.streaming,
    seed_next: state.seedNext,
    raw: rawMember(state.raw),
    ready: readyMember(state.ready),
    extension: state.extension,
    sources_blocked: state.sourcesBlocked,
    history: state.history,
    loop_iteration: state.loopIteration,
    streams: state.streams,
    next_segment_idx: state.nextSegmentIdx,
    current: current && currentMember(current),
    completed_segments: state.completedSegments,
    clip_done: state.clipDone,
    failures: state.failures,
    continuation: continuation && continuationMember(continuation),
    video_frames: timeline.videoFrames,
    audio: timeline.audio ? audioMember(timeline.audio) : null,
  };
}

/** The session as it was there, at the start of a connection. */
export function fromProjectCheckpoint(
  checkpoint: ProjectCheckpoint,
  {
    continuation,
    newPromptKey,
  }: {
    /** With its large members in place. */
    readonly continuation: ProjectState['continuation'];
    readonly newPromptKey: () => number;
  },
): ProjectState {
  const receivedAt = performance.now();
  const came = (promptId: string, prompt: string) => ({ key: newPromptKey(), promptId, prompt, receivedAt });
  const rawIn = (raw: z.output<typeof RawSchema>): RawPrompt => ({
    ...came(raw.prompt_id, raw.prompt),
    ...(raw.enhancing ? { enhancing: true } : {}),
  });
  const { preset_id, preset_label, rollout_prompt, rewrite, pending_start, extension, current } = checkpoint;
  const { audio, video_frames: videoFrames } = checkpoint;
  return {
    ...(preset_id === null ? {} : { presetId: preset_id }),
    ...(preset_label === null ? {} : { presetLabel: preset_label }),
    toggles: checkpoint.toggles,
    singleClip: checkpoint.single_clip,
    seeds: checkpoint.seeds,
    ...(rollout_prompt === null ? {} : { rolloutPrompt: rollout_prompt }),
    rewriteSettings: checkpoint.rewrite_settings,
    project: checkpoint.project,
    paused: checkpoint.paused,
    waitingFor: checkpoint.waiting_for,
    rewriteHold: checkpoint.rewrite_hold,
    rewrite: rewrite && {
      by: rewrite.by,
      prompts: rewrite.prompts,
      count: rewrite.count,
      anew: rewrite.anew,
      ...(rewrite.instruction === undefined ? {} : { instruction: rewrite.instruction }),
      settings: rewrite.settings,
    },
    pendingStart: pending_start && {
      reason: pending_start.reason,
      ...(pending_start.clip ? { clip: rawIn(pending_start.clip) } : {}),
    },
    streaming: checkpoint.streaming,
    seedNext: checkpoint.seed_next,
    raw: checkpoint.raw.map(rawIn),
    ready: checkpoint.ready.map(({ prompt_id, prompt, source }) => ({ ...came(prompt_id, prompt), source })),
    // Nobody is writing it any more: it is asked for again.
    extension: extension.kind === 'asked' ? { kind: 'none' } : extension,
    sourcesBlocked: checkpoint.sources_blocked,
    history: checkpoint.history,
    loopIteration: checkpoint.loop_iteration,
    streams: checkpoint.streams,
    nextSegmentIdx: checkpoint.next_segment_idx,
    current: current && {
      segmentIdx: current.segment_idx,
      prompt: current.prompt,
      source: current.source,
      ...(current.prompt_id === undefined ? {} : { promptId: current.prompt_id }),
      ...(current.seed_prompt_index === undefined ? {} : { seedPromptIndex: current.seed_prompt_index }),
      ...(current.from_user ? { receivedAt } : {}),
      loopIteration: current.loop_iteration,
      totalSegments: current.total_segments,
    },
    completedSegments: checkpoint.completed_segments,
    clipDone: checkpoint.clip_done,
    failures: checkpoint.failures,
    continuation,
    timeline: { videoFrames, ...(audio ? { audio } : {}) },
  };
}

/** Every prompt that may yet be made, and every text that may be shown to a model that writes others. */
export function promptsInProject(state: ProjectState): string[] {
  const { seeds, history, rolloutPrompt, raw, ready, pendingStart, extension, current, rewrite } = state;
  const { windowSystemPrompt = '', userSystemPrompt = '' } = state.rewriteSettings;
  const users = [...raw, ...ready, ...(pendingStart?.clip ? [pendingStart.clip] : [])];
  const all = [
    ...seeds,
    ...history,
    rolloutPrompt ?? '',
    ...users.map(({ prompt }) => prompt),
    current?.prompt ?? '',
    extension.kind === 'ready' ? extension.prompt : '',
    windowSystemPrompt,
    userSystemPrompt,
    ...(rewrite ? [...rewrite.prompts, rewrite.instruction ?? '', rewrite.settings.systemPrompt ?? ''] : []),
  ];
  return all.filter((prompt) => prompt !== '');
}

function rawOut({ promptId, prompt, enhancing }: RawPrompt): z.input<typeof RawSchema> {
  return { prompt_id: promptId, prompt, ...(enhancing ? { enhancing } : {}) };
}
