import * as z from 'zod';
import { sessionCheckpointFields } from '../checkpoint.ts';
import { ErrorFrameSchema } from '../native/server-frames.ts';
import { promptUpdatedFields, steeringField } from '../prompt-update.ts';
import { QueueReasonSchema } from '../queue-reason.ts';
import { ProjectPromptSourceSchema, ResetReasonSchema } from './common.ts';
import { CreationConfigSchema, generationModes } from './creation.ts';

const segment_idx = z.int().min(1).describe('Index of the segment in its stream, from 1.');
const milliseconds = z.number().min(0);
const count = z.int().min(0);
const prompt_id = z.string().optional();
const source = ProjectPromptSourceSchema;

function frame<Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) {
  return z.object({ type: z.literal(type), ...shape });
}

const preset = { preset_id: z.string().optional(), preset_label: z.string().optional() };
const dropped = { dropped_user_raw_queue: count, dropped_user_ready_queue: count };
const restarted = { loop_iteration: count, seed_prompt_count: count, ...dropped };
const seedOfSegment = { seed_prompt_index: count.optional(), loop_iteration: count };
const toggle = { enabled: z.boolean() };

const about = ErrorFrameSchema.shape.about.describe(
  'What went wrong in detail, where `error` is for people.',
);

const creation_config = CreationConfigSchema.optional().describe(
  'What the project is made with, where the client chose anything about that.',
);

const rewriteResult = {
  fallback_used: z.boolean(),
  error: z.string().optional(),
  about,
  model: z.string().optional(),
  latency_ms: milliseconds,
  ...preset,
};

const SeedPromptsUpdatedSchema = z.discriminatedUnion('reason', [
  frame('seed_prompts_updated', {
    reason: z.literal('init'),
    prompts: z.array(z.string()),
    seed_prompt_count: count,
    ...preset,
  }),
  frame('seed_prompts_updated', {
    reason: z.literal('rewrite'),
    prompts: z.array(z.string()),
    raw_llm_output: z.string().optional(),
    rewrite_instruction: z.string().optional(),
    ...rewriteResult,
  }),
]);

/** Every text frame that `/ws` sends. */
export const ProjectServerFrameSchema = z.discriminatedUnion('type', [
  frame('queue_status', {
    position: count,
    total_gpus: count,
    available_gpus: count,
    reason: QueueReasonSchema,
  }),
  frame('gpu_assigned', {
    gpu_id: z.int(),
    session_timeout: z
      .number()
      .optional()
      .describe('Seconds until the session ends; left out where there is no limit.'),
    generation_mode: z.enum(generationModes).optional(),
    creation_config,
    steering: steeringField,
  }),
  frame('ltx2_stream_start', {
    total_segments: count,
    preset_id: z.string().optional(),
    stream_mode: z.literal('av_fmp4'),
    live_mode: z.literal(true),
    loop_generation_enabled: z.boolean(),
    loop_iteration: count,
    generation_segment_cap: count.describe('0 in single-clip mode, and where there is none.'),
    creation_config,
  }),
  SeedPromptsUpdatedSchema,
  frame('seed_prompts_reset_pending', { seed_prompt_count: count }),
  frame('seed_prompts_reset_applied', { reason: ResetReasonSchema, ...restarted }),
  frame('loop_restarted', restarted),
  frame('generation_restarted', { reason: z.literal('cap_restart'), segment_cap: count }),
  frame('segment_prompt_source', {
    segment_idx,
    source,
    prompt_id,
    fallback_used: z.boolean(),
    ...seedOfSegment,
  }),
  frame('ltx2_segment_start', {
    segment_idx,
    total_segments: count,
    prompt: z.string(),
    source,
    ...seedOfSegment,
  }),
  frame('media_init', {
    segment_idx,
    mime: z.string(),
    stream_id: z.string(),
    mode: z.literal('av_fmp4'),
  }),
  frame('media_segment_complete', {
    segment_idx,
    stream_id: z.string(),
    chunks: count.describe('Media binary frames; the initialization segment is not counted.'),
  }),
  frame('step_complete', {
    latency_ms: z.object({
      total: milliseconds,
      worker_e2e: milliseconds,
      main_user_step: milliseconds,
      overhead: milliseconds,
    }),
  }),
  frame('ltx2_segment_complete', { segment_idx, total_segments: count }),
  frame('ltx2_stream_complete', {}),
  frame('prompt_received', { prompt_id: z.string(), queue_depth: count }),
  frame('prompt_enhancing', { prompt_id: z.string() }),
  frame('prompt_ready', {
    prompt_id: z.string(),
    prompt: z.string(),
    source,
    latency_ms: milliseconds,
  }),
  frame('prompt_fallback_used', {
    prompt_id: z.string(),
    prompt: z.string(),
    source,
    latency_ms: milliseconds,
    error: z.string(),
    about,
  }),
  frame('prompt_updated', { segment_idx, ...promptUpdatedFields }),
  frame('prompt_sources_blocked', { segment_idx }),
  frame('prompt_sources_resumed', { segment_idx, source, prompt_id }),
  frame('auto_prompt_failed', { segment_idx, latency_ms: milliseconds, error: z.string(), about }),
  frame('rewrite_seed_prompts_started', { model: z.string().optional() }),
  frame('rewrite_seed_prompts_complete', rewriteResult),
  frame('enhancement_updated', toggle),
  frame('auto_extension_updated', toggle),
  frame('loop_generation_updated', toggle),
  frame('generation_paused_updated', { paused: z.boolean() }),
  frame('rewrite_model_updated', { rewrite_model: z.string().optional() }),
  frame('rewrite_temperature_updated', { rewrite_temperature: z.number().optional() }),
  frame('project_idle', dropped),
  frame('session_timeout', { message: z.string() }),
  frame('session_checkpoint', sessionCheckpointFields),
  ErrorFrameSchema,
]);
export type ProjectServerFrame = z.infer<typeof ProjectServerFrameSchema>;
