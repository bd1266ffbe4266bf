import * as z from 'zod';
import { boundedList } from '../bounded-list.ts';
import { checkpointFields } from '../checkpoint.ts';
import { ContinuationStateSchema } from '../continuation-state.ts';
import { InitialImageSchema } from '../initial-image.ts';
import { loraFields } from '../lora.ts';
import { shapeFields } from '../project/creation.ts';
import { PromptUpdateSchema } from '../prompt-update.ts';
import { realtimeField } from '../realtime.ts';
import { PromptSourceSchema, ResumeSchema, StreamModeSchema } from './common.ts';

/** Hard limits of the schema; the operator's config sets tighter ones (`streaming.max_prompt_chars`, …). */
const promptText = z.string().max(1_000_000);
const seedLimit = 2 ** 53 - 1;

export const SessionInitV2Schema = z
  .looseObject({
    type: z.literal('session_init_v2'),
    client_id: z.string().max(200).nullish(),
    preset: z.string().max(200).nullish(),
    preset_label: z.string().max(400).nullish(),
    curated_prompts: boundedList(z.array(promptText))
      .prefault([])
      .describe('Prompts that the server may use by itself.'),
    initial_image: InitialImageSchema.nullish(),
    enhancement_enabled: z.boolean().default(false),
    auto_extension_enabled: z.boolean().default(false),
    loop_generation_enabled: z.boolean().default(false),
    single_clip_mode: z.boolean().default(false).describe('Every segment is a separate clip.'),
    realtime: realtimeField,
    ...shapeFields,
    stream_mode: StreamModeSchema.nullish().describe(
      'Default: the `streaming.stream_mode` of the config, which is `av_fmp4` unless the operator set it.',
    ),
    continuation_state: ContinuationStateSchema.nullish(),
    final_state: z
      .boolean()
      .nullish()
      .describe(
        'Whether a session that reaches the segment cap sends its state as `continuation_state_snapshot` before `ltx2_stream_complete`, so that another session can continue from it. Default: false.',
      ),
    resume: ResumeSchema.nullish(),
    ...loraFields,
    ...checkpointFields,
  })
  .meta({ id: 'session_init_v2', description: 'Opens a session; must be the first frame.' });
export type SessionInitV2 = z.infer<typeof SessionInitV2Schema>;

export const SegmentPromptSourceSchema = z
  .object({
    type: z.literal('segment_prompt_source'),
    prompt: promptText.regex(/\S/, 'must not be blank'),
    negative_prompt: promptText.nullish(),
    source: PromptSourceSchema.default('user'),
    seed: z.int().min(-seedLimit).max(seedLimit).nullish(),
    num_inference_steps: z.int().min(1).max(1000).nullish(),
    guidance_scale: z.number().min(0).max(1000).nullish(),
  })
  .meta({ id: 'segment_prompt_source', description: 'Asks for the next segment.' });
export type SegmentPromptSource = z.infer<typeof SegmentPromptSourceSchema>;

const SeedPromptsUpdatedSchema = z
  .object({
    type: z.literal('seed_prompts_updated'),
    seed_prompts: boundedList(z.array(promptText)).prefault([]),
  })
  .meta({
    id: 'client_seed_prompts_updated',
    description: 'Replaces the curated prompts from the next segment on.',
  });

function toggle<Type extends string>(type: Type, description: string) {
  return z.object({ type: z.literal(type), enabled: z.boolean() }).meta({ id: type, description });
}

const GenerationPausedUpdatedSchema = z
  .object({ type: z.literal('generation_paused_updated'), paused: z.boolean() })
  .meta({
    id: 'generation_paused_updated',
    description: 'While paused, requests wait in order; none is lost.',
  });

const SnapshotStateSchema = z
  .object({
    type: z.literal('snapshot_state'),
    blobs: z
      .enum(['inline', 'reference'])
      .nullish()
      .describe(
        'How large members of the state come: whole (default), or as `{"$ref": …}`, which this server and those that share its store take back for as long as the session has this state.',
      ),
  })
  .meta({
    id: 'snapshot_state',
    description: 'Asks for the current continuation state; also answered while a segment is running.',
  });

const CancelSegmentSchema = z
  .object({ type: z.literal('cancel_segment') })
  .meta({ id: 'cancel_segment', description: 'Stops the running segment; the session continues.' });

const RewriteSeedPromptsSchema = z
  .object({
    type: z.literal('rewrite_seed_prompts'),
    rewrite_instruction: promptText.nullish(),
    count: z.int().min(1).max(20).default(3),
  })
  .meta({ id: 'rewrite_seed_prompts', description: 'Rewrites the curated prompts through the enhancer.' });

const LeaveSchema = z
  .object({ type: z.literal('leave') })
  .meta({ id: 'leave', description: 'Ends the session cleanly.' });

/** Every frame that a client of `/v1/stream` may send. */
export const ClientFrameSchema = z.discriminatedUnion('type', [
  SessionInitV2Schema,
  SegmentPromptSourceSchema,
  SeedPromptsUpdatedSchema,
  toggle('enhancement_updated', 'Whether every prompt is enhanced before it is used.'),
  toggle(
    'auto_extension_updated',
    'Whether the server continues with prompts that it derives from the earlier ones.',
  ),
  toggle('loop_generation_updated', 'Whether the server starts over with the first curated prompt.'),
  toggle(
    'realtime_updated',
    '(ours) Whether media is made no faster than it plays, from the next segment on: `realtime` of the opening.',
  ),
  GenerationPausedUpdatedSchema,
  SnapshotStateSchema,
  CancelSegmentSchema,
  PromptUpdateSchema,
  RewriteSeedPromptsSchema,
  LeaveSchema,
]);
export type ClientFrame = z.infer<typeof ClientFrameSchema>;
/** A client frame as it is written, defaults not filled in. */
export type ClientFrameInput = z.input<typeof ClientFrameSchema>;
