import { z } from 'zod';
import { boundedList } from '../protocol/bounded-list.ts';
import { SegmentPromptSourceSchema } from '../protocol/native/client-frames.ts';
import {
  AudioMemberSchema,
  audioMember,
  type CheckpointMembers,
  continuationMember,
  written,
} from './checkpoint-members.ts';
import type { CurrentSegment, OwnPrompt, SegmentPrompt, Session } from './session.ts';
import { CommonSchema, fromCommon, toCommon } from './session-record.ts';

const count = z.int().min(0);
const text = z.string().max(1_000_000);

const PromptSchema = SegmentPromptSourceSchema.omit({ type: true }).extend({
  // One that a model is to write has no words yet.
  prompt: text,
  ready: z.boolean(),
  enhancing_for: count.nullish(),
});

/** All that a session of the native dialect is, as another replica goes on from it. */
export const SessionCheckpointSchema = CommonSchema.extend({
  begun: z.boolean(),
  preset: z.string().max(200).nullable(),
  history: boundedList(z.array(text), 100),
  audio: AudioMemberSchema.nullable(),
  waiting: boundedList(z.array(PromptSchema)),
  ahead: PromptSchema.extend({ curated_index: count.nullable() }).nullable(),
  current: z
    .object({
      segment_idx: count,
      stream_id: z.string().min(1).max(200),
      prompt: PromptSchema,
      cancelled: z.boolean(),
    })
    .nullable(),
  rewrite: z
    .object({
      prompts: boundedList(z.array(text).min(1)),
      count: z.int().min(1).max(20),
      instruction: text.nullish(),
    })
    .nullable(),
  enhanced: boundedList(z.array(z.tuple([text, text]))),
  writing_failed: z.boolean(),
});
export type SessionCheckpoint = z.output<typeof SessionCheckpointSchema>;
type PromptMember = z.output<typeof PromptSchema>;

const waitingMember = written((waiting: readonly SegmentPrompt[]) => waiting.map(promptMember));
const aheadMember = written((ahead: OwnPrompt) => ({
  ...promptMember(ahead),
  curated_index: ahead.curatedIndex,
}));
const currentMember = written(({ segmentIdx, streamId, prompt, cancelled }: CurrentSegment) => ({
  segment_idx: segmentIdx,
  stream_id: streamId,
  prompt: promptMember(prompt),
  cancelled,
}));
const enhancedMember = written((enhanced: Session['enhanced']) => [...enhanced]);

/** The members of `SessionCheckpointSchema`, but for `begun`. */
export function sessionMembers(session: Session): CheckpointMembers {
  const { preset, history, waiting, ahead, current, rewrite, enhanced, continuation, timeline } = session;
  return {
    ...toCommon(session),
    preset: preset ?? null,
    history,
    continuation: continuation && continuationMember(continuation),
    audio: timeline.audio ? audioMember(timeline.audio) : null,
    waiting: waitingMember(waiting),
    ahead: ahead && aheadMember(ahead),
    current: current && currentMember(current),
    rewrite,
    enhanced: enhancedMember(enhanced),
    writing_failed: session.writingFailed,
  };
}

/** The session as it was there, at the start of a connection. */
export function fromCheckpoint(
  checkpoint: SessionCheckpoint,
  {
    id,
    continuation,
    newPromptId,
  }: {
    readonly id: string;
    /** With its large members in place. */
    readonly continuation: Session['continuation'];
    readonly newPromptId: () => number;
  },
): Session {
  const { preset, audio, ahead, current, rewrite } = checkpoint;
  const promptOf = (member: PromptMember) => fromMember(member, newPromptId());
  return {
    ...fromCommon(checkpoint, { id, preset, continuation, audio: audio ?? undefined }),
    history: checkpoint.history,
    waiting: checkpoint.waiting.map(promptOf),
    ahead: ahead && { ...promptOf(ahead), curatedIndex: ahead.curated_index },
    current: current && {
      segmentIdx: current.segment_idx,
      streamId: current.stream_id,
      prompt: promptOf(current.prompt),
      cancelled: current.cancelled,
    },
    rewrite: rewrite && {
      prompts: rewrite.prompts,
      count: rewrite.count,
      ...(rewrite.instruction == null ? {} : { instruction: rewrite.instruction }),
    },
    enhanced: new Map(checkpoint.enhanced),
    writingFailed: checkpoint.writing_failed,
  };
}

/** Every prompt that may yet be made, or be shown to a model that writes others. */
export function promptsIn(session: Session): string[] {
  const { curatedPrompts, history, waiting, ahead, current, rewrite, enhanced } = session;
  const all = [
    ...curatedPrompts,
    ...history,
    ...[...waiting, ...(ahead ? [ahead] : []), ...(current ? [current.prompt] : [])].map(
      ({ prompt }) => prompt,
    ),
    ...(rewrite ? [...rewrite.prompts, rewrite.instruction ?? ''] : []),
    ...enhanced.values(),
  ];
  return all.filter((prompt) => prompt !== '');
}

function promptMember(prompt: SegmentPrompt): z.input<typeof PromptSchema> {
  return {
    prompt: prompt.prompt,
    source: prompt.source,
    ready: prompt.ready,
    negative_prompt: prompt.negativePrompt,
    seed: prompt.seed,
    num_inference_steps: prompt.numInferenceSteps,
    guidance_scale: prompt.guidanceScale,
    enhancing_for: prompt.enhancingFor,
  };
}

function fromMember(member: PromptMember, id: number): SegmentPrompt {
  return {
    id,
    prompt: member.prompt,
    source: member.source,
    requestedAt: performance.now(),
    ready: member.ready,
    ...(member.negative_prompt == null ? {} : { negativePrompt: member.negative_prompt }),
    ...(member.seed == null ? {} : { seed: member.seed }),
    ...(member.num_inference_steps == null ? {} : { numInferenceSteps: member.num_inference_steps }),
    ...(member.guidance_scale == null ? {} : { guidanceScale: member.guidance_scale }),
    ...(member.enhancing_for == null ? {} : { enhancingFor: member.enhancing_for }),
  };
}
