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
import { nothingLeft, withFields } from './exhaustive.ts';
import type { CurrentSegment, OwnPrompt, RunningRewrite, SegmentPrompt, Session } from './session.ts';
import { CommonSchema, fromCommon, toCommon } from './session-record.ts';
import { promptsOfSteering } from './steering.ts';
import { SteeringMemberSchema, steeringMember } from './steering-member.ts';

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
  steering: SteeringMemberSchema,
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
type Member = z.input<typeof SessionCheckpointSchema>;
type PromptMember = z.output<typeof PromptSchema>;

const waitingMember = written((waiting: readonly SegmentPrompt[]) => waiting.map(promptMember));
const aheadMember = written(
  // What it goes on from are the prompts made so far, as `history` tells them.
  ({ curatedIndex, after: _, ...prompt }: OwnPrompt): Member['ahead'] => ({
    ...promptMember(prompt),
    curated_index: curatedIndex,
  }),
);
const currentMember = written(
  ({ segmentIdx, streamId, prompt, cancelled, ...rest }: CurrentSegment): Member['current'] => {
    nothingLeft(rest);
    return { segment_idx: segmentIdx, stream_id: streamId, prompt: promptMember(prompt), cancelled };
  },
);
const rewriteMember = written(({ prompts, count, instruction, ...rest }: RunningRewrite) => {
  nothingLeft(rest);
  return { prompts, count, instruction };
});
const enhancedMember = written((enhanced: Session['enhanced']) => [...enhanced]);

/** The members of `SessionCheckpointSchema`, but for `begun`. */
export function sessionMembers(session: Session): CheckpointMembers {
  const { common, rest: own } = toCommon(session);
  const { preset, history, waiting, ahead, current, rewrite, enhanced, writingFailed, ...others } = own;
  const { continuation, audio, steering, written: _, id: __, ...rest } = others;
  nothingLeft(rest);
  return {
    ...common,
    preset: preset ?? null,
    history,
    continuation: continuation && continuationMember(continuation),
    audio: audio ? audioMember(audio) : null,
    waiting: waitingMember(waiting),
    ahead: ahead && aheadMember(ahead),
    current: current && currentMember(current),
    steering: steeringMember(steering),
    rewrite: rewrite && rewriteMember(rewrite),
    enhanced: enhancedMember(enhanced),
    writing_failed: writingFailed,
  } satisfies Record<Exclude<keyof SessionCheckpoint, 'begun'>, unknown>;
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
  const { preset, audio, ahead, current, rewrite, history } = checkpoint;
  const promptOf = (member: PromptMember) => fromMember(member, newPromptId());
  return withFields<Session>({
    ...fromCommon(checkpoint, { continuation, audio: audio ?? undefined }),
    id,
    preset: preset ?? undefined,
    adapters: checkpoint.lora ?? undefined,
    shape: checkpoint.shape ?? undefined,
    history,
    waiting: checkpoint.waiting.map(promptOf),
    ahead: ahead && { ...promptOf(ahead), curatedIndex: ahead.curated_index },
    current: current && {
      segmentIdx: current.segment_idx,
      streamId: current.stream_id,
      prompt: promptOf(current.prompt),
      cancelled: current.cancelled,
    },
    steering: checkpoint.steering,
    rewrite:
      rewrite &&
      withFields<RunningRewrite>({
        prompts: rewrite.prompts,
        count: rewrite.count,
        instruction: rewrite.instruction ?? undefined,
      }),
    enhanced: new Map(checkpoint.enhanced),
    // Written again where it is asked for again.
    written: null,
    writingFailed: checkpoint.writing_failed,
  });
}

/** Every prompt that may yet be made, or be shown to a model that writes others. */
export function promptsIn(session: Session): string[] {
  const { curatedPrompts, history, waiting, ahead, current, rewrite, enhanced, steering } = session;
  const all = [
    ...promptsOfSteering(steering),
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

function promptMember({
  prompt,
  source,
  ready,
  negativePrompt,
  seed,
  numInferenceSteps,
  guidanceScale,
  enhancingFor,
  // Of this process only.
  id: _,
  requestedAt: __,
  ...rest
}: SegmentPrompt) {
  nothingLeft(rest);
  return {
    prompt,
    source,
    ready,
    negative_prompt: negativePrompt,
    seed,
    num_inference_steps: numInferenceSteps,
    guidance_scale: guidanceScale,
    enhancing_for: enhancingFor,
  } satisfies Record<keyof PromptMember, unknown>;
}

function fromMember(member: PromptMember, id: number): SegmentPrompt {
  return withFields<SegmentPrompt>({
    id,
    prompt: member.prompt,
    source: member.source,
    requestedAt: performance.now(),
    ready: member.ready,
    negativePrompt: member.negative_prompt ?? undefined,
    seed: member.seed ?? undefined,
    numInferenceSteps: member.num_inference_steps ?? undefined,
    guidanceScale: member.guidance_scale ?? undefined,
    enhancingFor: member.enhancing_for ?? undefined,
  });
}
