import * as z from 'zod';
import { type WireErrorCode, wireErrorCodes } from '../../base/error-table.ts';
import { sessionCheckpointFields } from '../checkpoint.ts';
import { ContinuationStateSchema } from '../continuation-state.ts';
import { promptUpdatedFields, steeringField } from '../prompt-update.ts';
import { QueueReasonSchema } from '../queue-reason.ts';
import { CapabilitiesSchema } from '../worker/capabilities.ts';
import { PromptSourceSchema, SegmentIndexSchema } from './common.ts';

const segment_idx = SegmentIndexSchema;
const milliseconds = z.number().min(0);
const count = z.int().min(0);

function frame<Type extends string, Shape extends z.ZodRawShape>(
  type: Type,
  description: string,
  shape: Shape,
  id: string = type,
) {
  return z.object({ type: z.literal(type), ...shape }).meta({ id, description });
}

const promptFrame = {
  segment_idx,
  prompt: z.string(),
  source: PromptSourceSchema,
  provider: z.string().optional(),
  model: z.string().optional(),
  latency_ms: milliseconds.optional(),
  error: z.string().optional(),
};

const rewriteResult = {
  preset_id: z.string().optional(),
  preset_label: z.string().optional(),
  fallback_used: z.boolean(),
  error: z.string().optional(),
  model: z.string().optional(),
  latency_ms: milliseconds,
};

export const ErrorFrameSchema = frame('error', 'A request of the client failed.', {
  code: z.enum(wireErrorCodes as [WireErrorCode, ...WireErrorCode[]]),
  message: z.string(),
  retryable: z.boolean(),
  about: z
    .object({
      message: z
        .string()
        .optional()
        .describe('`type` of the message that could not be done, also of one that asked for a segment.'),
      toggle: z
        .enum(['enhancement', 'auto_extension', 'loop_generation'])
        .optional()
        .describe('The toggle that has no effect here.'),
      prompt_id: z
        .string()
        .optional()
        .describe("That of the prompt: its client's, or the one that `prompt_received` gave it."),
      segment_idx: count
        .optional()
        .describe('The segment that could not be made, also for want of a prompt.'),
      detail: z.string().optional().describe('On `/ws`: what went wrong, where `message` is for people.'),
    })
    .optional()
    .describe('What it is about, for programs; left out where nothing is known.'),
});

/** Every text frame that `/v1/stream` sends. */
export const ServerFrameSchema = z.discriminatedUnion('type', [
  frame(
    'queue_status',
    'Once after a valid init, then whenever the position or the reason changes while waiting.',
    {
      position: count.describe('Position in the queue, 1 is next; 0 when a worker is free.'),
      queue_depth: count.describe('Sessions that wait.'),
      reason: QueueReasonSchema,
      resume_token: z
        .string()
        .optional()
        .describe('For a resumed session: the token of the next resume; the one shown is used up.'),
    },
  ),
  frame('gpu_assigned', 'A worker is bound, for as long as the session lasts.', {
    gpu_id: z.int(),
    session_timeout: z.number().describe('Idle limit in seconds; 0: none.'),
    session_id: z.string(),
    resume_token: z.string().optional(),
    worker_id: z.string(),
    model_id: z.string(),
    steering: steeringField,
    capabilities: CapabilitiesSchema.optional().describe('(ours) What the model can do.'),
  }),
  frame('ltx2_stream_start', 'The session is ACTIVE.', {
    preset: z.string().optional(),
    width: z.int().positive(),
    height: z.int().positive(),
    fps: z.number().positive(),
    num_frames: z.int().positive().describe('Frames in one segment.'),
  }),
  frame('ltx2_segment_start', 'A request begins.', {
    segment_idx,
    prompt: z.string().describe('The prompt that is used.'),
    total_steps: count,
    source: PromptSourceSchema,
  }),
  frame('step_complete', 'After each step that the generator reports.', {
    segment_idx,
    step: z.int().min(1),
    total_steps: count,
    stage: z.string(),
  }),
  frame('media_init', 'Just before the first binary frame of the segment.', {
    segment_idx,
    mime: z.string().describe('What the init segment contains, for `MediaSource.isTypeSupported`.'),
    stream_id: z.string(),
    mode: z.literal('av_fmp4'),
  }),
  frame('media_segment_complete', 'After the last binary frame of the segment.', {
    segment_idx,
    stream_id: z.string(),
    chunks: count.describe('Media binary frames; the initialization segment is not counted.'),
    duration_ms: milliseconds,
    pts_base_ms: milliseconds.describe('Sum of the durations before it.'),
    bytes: count,
  }),
  frame('ltx2_segment_complete', 'The segment is done.', {
    segment_idx,
    generation_time_ms: milliseconds,
    e2e_latency_ms: milliseconds.describe('From the request until now, including the wait in the queue.'),
    time_to_first_media_ms: milliseconds.optional(),
    frames: count,
  }),
  frame('ltx2_stream_complete', 'Last frame of a session that became ACTIVE.', {
    reason: z.enum(['segment_cap', 'stop_requested', 'error']),
  }),
  frame('session_timeout', 'The idle limit is reached; the connection closes with 1000.', {
    timeout_seconds: z.number(),
  }),
  frame(
    'continuation_state_snapshot',
    'Answer to `snapshot_state`; with `final_state` also before the end at the segment cap.',
    { state: ContinuationStateSchema },
  ),
  frame('prompt_enhancing', 'The prompt is being enhanced.', promptFrame),
  frame('prompt_ready', 'The enhanced prompt.', promptFrame),
  frame('prompt_fallback_used', 'Enhancement failed; the text of the user is used.', promptFrame),
  frame('rewrite_seed_prompts_started', 'The rewrite begins.', { model: z.string().optional() }),
  frame(
    'seed_prompts_updated',
    'The curated prompts are now these.',
    {
      prompts: z.array(z.string()),
      reason: z.string(),
      raw_llm_output: z.string().optional(),
      rewrite_instruction: z.string().optional(),
      ...rewriteResult,
    },
    'server_seed_prompts_updated',
  ),
  frame('rewrite_seed_prompts_complete', 'The rewrite is done.', rewriteResult),
  frame('prompt_updated', '(ours) A `prompt_update` has effect from that frame on.', {
    segment_idx,
    ...promptUpdatedFields,
  }),
  frame('segment_cancelled', 'After `cancel_segment`; instead of `ltx2_segment_complete`.', { segment_idx }),
  frame('frame_batch', 'Instead of the binary frames when `stream_mode` is `legacy_jpeg`.', {
    segment_idx,
    frames: z.array(z.string()).describe('JPEG files in base64.'),
    start_frame: count,
  }),
  frame('session_checkpoint', '(ours) For routers that asked for it: what of the session has changed.', {
    ...sessionCheckpointFields,
  }),
  ErrorFrameSchema,
]);
export type ServerFrame = z.infer<typeof ServerFrameSchema>;
export type ServerFrameType = ServerFrame['type'];
