import { z } from 'zod';
import { errorTable } from '../../base/error-table.ts';
import { ContinuationStateSchema } from '../continuation-state.ts';

/** Version of the worker protocol; a worker that speaks another one is refused at its start. */
export const workerProtocolVersion = 1;

const count = z.int().min(0);
const run_id = z.int().min(1);

const AudioFormatSchema = z.object({
  sample_rate: z.int().positive(),
  channels: z.union([z.literal(1), z.literal(2)]),
});

/** A timeline whose tail of sound, if any, is the message's payload (float32, little-endian, interleaved). */
const TimelineSchema = z.object({
  video_frames: count,
  audio: z.object({ next_sample: count, tail_start: z.int() }).optional(),
});

const RequestSchema = z.object({
  prompt: z.string(),
  negative_prompt: z.string().optional(),
  seed: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
  fps: z.number().positive(),
  num_frames: z.int().positive(),
  num_inference_steps: z.int().positive(),
  guidance_scale: z.number(),
  init_image_path: z.string().optional(),
  continuation_state: ContinuationStateSchema.optional(),
});

const EncoderSettingsSchema = z.object({
  preset: z.string(),
  pixel_format: z.string(),
  profile: z.string().optional(),
  gop: z.int().positive().optional(),
  fragment_duration_ms: z.number().min(0),
  extra_args: z.array(z.string()),
  ffmpeg_path: z.string().optional(),
});

/** What the server sends to a worker. */
export const ToWorkerSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    protocol: z.int(),
    worker_id: z.string(),
    gpu_id: z.int(),
    generator: z.object({
      model_path: z.string(),
      backend: z.string().optional(),
      mock: z.object({ sleep_ms: z.number().min(0), audio: z.boolean() }).optional(),
    }),
    encoder: EncoderSettingsSchema,
    /** The picture that requests usually ask for, so that an encoder can be kept ready. */
    usual_request: z.object({
      width: z.int().positive(),
      height: z.int().positive(),
      fps: z.number().positive(),
    }),
    /** Bytes of media that may be under way without an `ack`. */
    window_bytes: z.int().positive(),
  }),
  z.object({ type: z.literal('run'), run_id, request: RequestSchema, timeline: TimelineSchema }),
  /** End the run at the next frame; what was made is still sent. */
  z.object({ type: z.literal('cancel'), run_id }),
  /** Stop the run at once; nobody reads it any more. */
  z.object({ type: z.literal('abandon'), run_id }),
  /** The server has taken so many bytes of media. */
  z.object({ type: z.literal('ack'), run_id, bytes: count }),
  z.object({ type: z.literal('ping'), id: z.int() }),
  z.object({ type: z.literal('shutdown') }),
]);
export type ToWorker = z.infer<typeof ToWorkerSchema>;

/** What a worker sends to the server. */
export const FromWorkerSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    protocol: z.int(),
    model_id: z.string(),
    state_kind: z.string(),
    streams_frames: z.boolean(),
    audio: AudioFormatSchema.nullable(),
  }),
  /** The worker cannot start, and why. */
  z.object({ type: z.literal('start_failed'), message: z.string() }),
  z.object({ type: z.literal('started'), run_id, total_steps: count }),
  z.object({ type: z.literal('step'), run_id, step: z.int().min(1), total_steps: count, stage: z.string() }),
  /** Payload: the init segment. */
  z.object({ type: z.literal('init'), run_id, mime: z.string() }),
  /** Payload: whole fragments. */
  z.object({ type: z.literal('media'), run_id, frames: count, timeline: TimelineSchema }),
  z.object({ type: z.literal('state'), run_id, state: ContinuationStateSchema }),
  /** Payload: the tail of the timeline's sound. */
  z.object({
    type: z.literal('done'),
    run_id,
    frames: count,
    duration_ms: z.number().min(0),
    timeline: TimelineSchema,
    cancelled: z.boolean(),
  }),
  z.object({
    type: z.literal('failed'),
    run_id,
    code: z.enum(Object.keys(errorTable) as [keyof typeof errorTable, ...(keyof typeof errorTable)[]]),
    message: z.string(),
    retryable: z.boolean(),
  }),
  z.object({ type: z.literal('pong'), id: z.int() }),
]);
export type FromWorker = z.infer<typeof FromWorkerSchema>;
export type TimelineMessage = z.infer<typeof TimelineSchema>;
export type EncoderSettings = z.infer<typeof EncoderSettingsSchema>;
