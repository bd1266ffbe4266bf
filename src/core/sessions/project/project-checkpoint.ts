import { z } from 'zod';
import { boundedList } from '../../protocol/bounded-list.ts';
import { ContinuationStateSchema } from '../../protocol/continuation-state.ts';
import { AdapterMemberSchema } from '../../protocol/lora.ts';
import { ProjectPromptSourceSchema, ResetReasonSchema } from '../../protocol/project/common.ts';
import { ChoicesSchema } from '../../protocol/project/creation.ts';
import {
  AudioMemberSchema,
  audioMember,
  type CheckpointMembers,
  continuationMember,
  written,
} from '../checkpoint-members.ts';
import { nothingLeft, withFields } from '../exhaustive.ts';
import { promptsOfSteering } from '../steering.ts';
import { SteeringMemberSchema, steeringMember } from '../steering-member.ts';
import type {
  PendingStart,
  ProjectRewriteWish,
  ProjectSegment,
  ProjectState,
  RawPrompt,
  ReadyPrompt,
  RewriteSettings,
} from './project-state.ts';

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
// These stand in a checkpoint as they are.
const RewriteSettingsSchema = z.object({
  model: name.exactOptional(),
  temperature,
  windowSystemPrompt: systemPrompt,
  userSystemPrompt: systemPrompt,
} satisfies Record<keyof RewriteSettings, z.ZodType>);
const AskedSettingsSchema = z.object({
  model: name.exactOptional(),
  temperature,
  systemPrompt,
} satisfies Record<keyof ProjectRewriteWish['settings'], z.ZodType>);
const RewriteSchema = z.object({
  by: z.enum(['server', 'client']),
  prompts: boundedList(z.array(text)),
  count: z.int().min(1).max(1000),
  anew: z.boolean(),
  instruction: text.optional(),
  settings: AskedSettingsSchema,
} satisfies Record<keyof ProjectRewriteWish, z.ZodType>);

const PictureSchema = z.union([
  z.object({ mime: z.string().max(200), data: z.string() }),
  z.object({ asset_id: z.string().max(200) }),
]);
const PicturesSchema = z.object({
  first: PictureSchema.exactOptional(),
  last: PictureSchema.exactOptional(),
  references: boundedList(z.array(PictureSchema), 12),
});

/** All that a session of the project dialect is, as another replica goes on from it. */
export const ProjectCheckpointSchema = z.object({
  begun: z.boolean(),
  stream_id: z.string().min(1).max(200).nullable(),
  segment_told: z.boolean(),
  picture: z
    // Older servers know one picture only.
    .union([z.literal('opening'), PicturesSchema, PictureSchema])
    .nullable(),
  preset_id: name.nullable(),
  preset_label: name.nullable(),
  toggles: z.object({ enhancement: z.boolean(), autoExtension: z.boolean(), loop: z.boolean() }),
  single_clip: z.boolean(),
  /** Older servers do not know it. */
  realtime: z.boolean().default(false),
  seeds: boundedList(z.array(text)),
  rollout_prompt: text.nullable(),
  rewrite_settings: RewriteSettingsSchema,
  /** Older servers do not know it. */
  creation: ChoicesSchema.nullish(),
  /** The same. */
  lora: AdapterMemberSchema.nullable().default(null),
  project: z.enum(['active', 'ending', 'idle']),
  paused: z.boolean(),
  waiting_for: z.enum(['initial_rewrite', 'cap', 'clip']).nullable(),
  rewrite_hold: z.boolean(),
  rewrite: RewriteSchema.nullable(),
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
  steering: SteeringMemberSchema,
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
  ready.map(({ promptId, prompt, source, key: _, receivedAt: __, enhancing: ___, ...rest }) => {
    nothingLeft(rest);
    return { prompt_id: promptId, prompt, source };
  }),
);
const startMember = written(({ reason, clip, ...rest }: PendingStart): Member['pending_start'] => {
  nothingLeft(rest);
  return { reason, ...(clip ? { clip: rawOut(clip) } : {}) };
});
const currentMember = written((segment: ProjectSegment) => {
  const { segmentIdx, prompt, source, promptId, seedPromptIndex, receivedAt, ...others } = segment;
  const { loopIteration, totalSegments, ...rest } = others;
  nothingLeft(rest);
  return {
    segment_idx: segmentIdx,
    prompt,
    source,
    prompt_id: promptId,
    seed_prompt_index: seedPromptIndex,
    from_user: receivedAt !== undefined,
    loop_iteration: loopIteration,
    total_segments: totalSegments,
  } satisfies Record<keyof NonNullable<ProjectCheckpoint['current']>, unknown>;
});

/** Those of the connection. */
type ToldMember = 'begun' | 'stream_id' | 'segment_told' | 'picture';

/** The members of `ProjectCheckpointSchema`, but for those about the connection and the picture. */
export function projectMembers(state: ProjectState): CheckpointMembers {
  const { presetId, presetLabel, toggles, singleClip, seeds, rolloutPrompt, rewriteSettings, ...a } = state;
  const { project, paused, waitingFor, rewriteHold, rewrite, pendingStart, streaming, seedNext, ...b } = a;
  const { raw, ready, extension, sourcesBlocked, history, loopIteration, streams, ...c } = b;
  const { nextSegmentIdx, current, completedSegments, clipDone, failures, continuation, ...d } = c;
  const { timeline, creation, steering, realtime, adapters, ...rest } = d;
  const { videoFrames, audio, ...restOfTimeline } = timeline;
  nothingLeft(rest);
  nothingLeft(restOfTimeline);
  return {
    preset_id: presetId ?? null,
    preset_label: presetLabel ?? null,
    toggles,
    single_clip: singleClip,
    realtime,
    seeds,
    rollout_prompt: rolloutPrompt ?? null,
    rewrite_settings: rewriteSettings,
    creation: creation?.choices ?? null,
    lora: adapters ?? null,
    project,
    paused,
    waiting_for: waitingFor,
    rewrite_hold: rewriteHold,
    rewrite,
    pending_start: pendingStart && startMember(pendingStart),
    streaming,
    seed_next: seedNext,
    raw: rawMember(raw),
    ready: readyMember(ready),
    extension,
    sources_blocked: sourcesBlocked,
    history,
    loop_iteration: loopIteration,
    streams,
    next_segment_idx: nextSegmentIdx,
    current: current && currentMember(current),
    steering: steeringMember(steering),
    completed_segments: completedSegments,
    clip_done: clipDone,
    failures,
    continuation: continuation && continuationMember(continuation),
    video_frames: videoFrames,
    audio: audio ? audioMember(audio) : null,
  } satisfies Record<Exclude<keyof ProjectCheckpoint, ToldMember>, unknown>;
}

/** The session as it was there, at the start of a connection. */
export function fromProjectCheckpoint(
  checkpoint: ProjectCheckpoint,
  {
    continuation,
    creation,
    newPromptKey,
  }: {
    /** With its large members in place. */
    readonly continuation: ProjectState['continuation'];
    /** What its choices come to here. */
    readonly creation: ProjectState['creation'] | undefined;
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
  return withFields<ProjectState>({
    presetId: preset_id ?? undefined,
    presetLabel: preset_label ?? undefined,
    toggles: checkpoint.toggles,
    singleClip: checkpoint.single_clip,
    realtime: checkpoint.realtime,
    seeds: checkpoint.seeds,
    rolloutPrompt: rollout_prompt ?? undefined,
    rewriteSettings: checkpoint.rewrite_settings,
    creation,
    adapters: checkpoint.lora ?? undefined,
    project: checkpoint.project,
    paused: checkpoint.paused,
    waitingFor: checkpoint.waiting_for,
    rewriteHold: checkpoint.rewrite_hold,
    rewrite: rewrite && withFields<ProjectRewriteWish>({ ...rewrite, instruction: rewrite.instruction }),
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
    current:
      current &&
      withFields<ProjectSegment>({
        segmentIdx: current.segment_idx,
        prompt: current.prompt,
        source: current.source,
        promptId: current.prompt_id,
        seedPromptIndex: current.seed_prompt_index,
        receivedAt: current.from_user ? receivedAt : undefined,
        loopIteration: current.loop_iteration,
        totalSegments: current.total_segments,
      }),
    steering: checkpoint.steering,
    completedSegments: checkpoint.completed_segments,
    clipDone: checkpoint.clip_done,
    failures: checkpoint.failures,
    continuation,
    timeline: { videoFrames, ...(audio ? { audio } : {}) },
  });
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
    ...promptsOfSteering(state.steering),
    extension.kind === 'ready' ? extension.prompt : '',
    windowSystemPrompt,
    userSystemPrompt,
    ...(rewrite ? [...rewrite.prompts, rewrite.instruction ?? '', rewrite.settings.systemPrompt ?? ''] : []),
  ];
  return all.filter((prompt) => prompt !== '');
}

function rawOut({ promptId, prompt, enhancing, key: _, receivedAt: __, ...rest }: RawPrompt) {
  nothingLeft(rest);
  return { prompt_id: promptId, prompt, ...(enhancing ? { enhancing } : {}) };
}
