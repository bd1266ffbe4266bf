import { z } from 'zod';
import { errorTable } from '../../base/error-table.ts';
import { ContinuationStateSchema } from '../continuation-state.ts';
import { continuations, RequestLimitsSchema } from './capabilities.ts';
import { pictureInputs } from './picture-inputs.ts';

/** Version of the worker protocol; a worker that speaks another one is refused at its start. */
export const workerProtocolVersion = 1;

const count = z.int().min(0);
const run_id = z.int().min(1);

const AudioFormatSchema = z.object({
  sample_rate: z.int().positive(),
  channels: z.union([z.literal(1), z.literal(2)]),
});

/**
 * Where the session's media ends. The tail of its sound (float32, little-endian, interleaved) is the first
 * `tail_bytes` bytes of the message's payload.
 */
const TimelineSchema = z.object({
  video_frames: count,
  audio: z.object({ next_sample: count, tail_start: z.int(), tail_bytes: count }).optional(),
});

/** The place of a large member in the message's payload; stands in the JSON where the member would. */
export const BlobPlaceSchema = z.strictObject({
  $blob: z.strictObject({
    /** Bytes from the start of the payload. */
    offset: count,
    length: count,
    /** `utf8` for a member that is a string, `binary` for bytes. */
    encoding: z.enum(['utf8', 'binary']),
  }),
});
export type BlobPlace = z.infer<typeof BlobPlaceSchema>;

const PromptChangeSchema = z.object({
  prompt: z.string(),
  /** Milliseconds that the picture takes to get there; 0: it is another one at once. */
  transition_ms: count,
});

const SteeringStepSchema = PromptChangeSchema.extend({
  /** The first frame that shows it, counted from 0 in its segment. */
  at_frame: count,
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
  /** The picture that this segment ends with; of workers whose `ready` has `last_frame`. */
  last_image_path: z.string().optional(),
  /** Pictures of what is to be seen; of workers whose `ready` has `references`. */
  reference_image_paths: z.array(z.string()).optional(),
  /** The changes of the prompt that an earlier run of the segment had, to be shown at the same frames. */
  steering: z.array(SteeringStepSchema).optional(),
  /** Large members of the payload are {@link BlobPlace}s. */
  continuation_state: ContinuationStateSchema.optional(),
});

/** An adapter and how strongly it is applied. */
const AppliedAdapterSchema = z.object({ name: z.string(), strength: z.number().min(0).max(1) });

export const streamModes = ['av_fmp4', 'legacy_jpeg'] as const;

const EncoderSettingsSchema = z.object({
  /** Of a worker that sends frames; one that sends media encodes as it likes. */
  backend: z.enum(['auto', 'libav', 'ffmpeg']).optional(),
  /** FFmpeg's name of the video encoder. Unset: `libx264`. */
  codec: z.string().optional(),
  preset: z.string().optional(),
  tune: z.string().optional(),
  pixel_format: z.string(),
  profile: z.string().optional(),
  /** Frames; else `gop_seconds`, else one second. */
  gop: z.int().positive().optional(),
  gop_seconds: z.number().positive().optional(),
  crf: z.number().min(0).optional(),
  /** Bits a second. */
  bitrate: z.int().positive().optional(),
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
    /** The `generator` block of the config as the operator wrote it. */
    generator: z.looseObject({ model_path: z.string(), backend: z.string().nullish() }),
    /** The `default_request` block of the config. */
    default_request: z.record(z.string(), z.unknown()),
    /** How a segment is joined to the one before it (`streaming.pool`). */
    conditioning: z.object({ num_frames: count, end_offset: count, enable_audio_reencode: z.boolean() }),
    mock: z.object({ sleep_ms: z.number().min(0), audio: z.boolean() }),
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
  /** Make a segment. Payload: the tail of the timeline's sound, then the blobs of the continuation state. */
  z.object({
    type: z.literal('run'),
    run_id,
    request: RequestSchema,
    timeline: TimelineSchema,
    stream_mode: z.enum(streamModes),
    /** What the client has of this segment from another run of it: only the rest is to be sent. */
    sent: z.object({ frames: count, next_sample: count.optional() }).optional(),
    /**
     * Frames are made no sooner than a viewer needs them who has this many milliseconds of media when the run begins;
     * negative: who lacks as many. Of workers that send media. Unset: as soon as they can be.
     */
    pace: z.object({ ahead_ms: z.number() }).optional(),
  }),
  /**
   * Change the prompt of the run; of workers whose `ready` has `steering`. Answered with `steered` when it has effect, and
   * not at all when the run ends before that, or when another change takes its place.
   */
  PromptChangeSchema.extend({
    type: z.literal('steer'),
    run_id,
    /** Frames before this one have been shown and stay as they are. */
    not_before_frame: count,
  }),
  /**
   * Make the runs after this one with these adapters, merged in this order, and with no others. Names are those of
   * `generator.adapters`. Of workers whose `ready` has `adapters`; never while a run is at work.
   */
  z.object({ type: z.literal('adapters'), id: z.int().min(1), adapters: z.array(AppliedAdapterSchema) }),
  /** End the run at the next frame; what was made is still sent. */
  z.object({ type: z.literal('cancel'), run_id }),
  /** Stop the run at once; nobody reads it any more. */
  z.object({ type: z.literal('abandon'), run_id }),
  /** The server has taken so many bytes of payload of `media`, `jpeg`, `frame` and `audio`. */
  z.object({ type: z.literal('ack'), run_id, bytes: count }),
  /** Asks whether the worker lives; answered with `pong` at once, also while a run is at work. */
  z.object({ type: z.literal('ping'), id: z.int() }),
  /** End; the end of stdin means the same. */
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
    /** The pictures that the model uses. Default: `first_frame`. */
    pictures: z.array(z.enum(pictureInputs)).optional(),
    /** Whether a run that continues none has to have an `init_image_path`. Default: no. */
    needs_first_frame: z.boolean().optional(),
    /** Default: `state`. */
    continuation: z.enum(continuations).optional(),
    audio: AudioFormatSchema.nullable(),
    /** Whether runs have sound. Default: whether `audio` is not null. */
    sound: z.boolean().optional(),
    /** `media`: the worker encodes (`init`, `media`, `jpeg`). `frames`: it gives raw `frame` and `audio`. */
    output: z.enum(['media', 'frames']),
    /** What encodes, in words, for people. */
    encoder: z.string().max(1000).optional(),
    limits: RequestLimitsSchema.optional(),
    /** Whether it takes `steer` and `request.steering`. Default: false. */
    steering: z.boolean().optional(),
    /** Whether it takes `adapters`. Default: false. */
    adapters: z.boolean().optional(),
  }),
  /** The worker cannot start, and why. */
  z.object({ type: z.literal('start_failed'), message: z.string() }),
  z.object({ type: z.literal('started'), run_id, total_steps: count }),
  z.object({ type: z.literal('step'), run_id, step: z.int().min(1), total_steps: count, stage: z.string() }),
  /** Payload: the init segment. */
  z.object({ type: z.literal('init'), run_id, mime: z.string() }),
  /** Payload: whole fragments. */
  z.object({ type: z.literal('media'), run_id, frames: count, timeline: TimelineSchema }),
  /** In place of `init` and `media` with `legacy_jpeg`. Payload: JPEG files of these sizes, one behind the other. */
  z.object({ type: z.literal('jpeg'), run_id, sizes: z.array(z.int().positive()), timeline: TimelineSchema }),
  /** The sound of this run where `ready` could not know it; before the first `frame`. */
  z.object({ type: z.literal('audio_format'), run_id, audio: AudioFormatSchema.nullable() }),
  /** A change of the prompt has effect; before the first media that shows it. */
  SteeringStepSchema.extend({ type: z.literal('steered'), run_id }),
  /** Payload: one frame of the request's size, RGB24, rows from the top. */
  z.object({ type: z.literal('frame'), run_id }),
  /** Payload: sound that goes on where the last ended, float32 little-endian, interleaved, in [-1, 1]. */
  z.object({ type: z.literal('audio'), run_id }),
  /** Where the next segment would go on. Payload: its blobs. The last one of a run counts. */
  z.object({ type: z.literal('state'), run_id, state: ContinuationStateSchema }),
  /** The last message of a run. Payload: the tail of the timeline's sound. Workers of raw frames leave `media` out. */
  z.object({
    type: z.literal('done'),
    run_id,
    frames: count,
    cancelled: z.boolean(),
    media: z.object({ duration_ms: z.number().min(0), timeline: TimelineSchema }).optional(),
  }),
  z.object({
    type: z.literal('failed'),
    run_id,
    code: z.enum(Object.keys(errorTable) as [keyof typeof errorTable, ...(keyof typeof errorTable)[]]),
    message: z.string(),
    retryable: z.boolean(),
  }),
  /** The answer to `adapters`. */
  z.object({ type: z.literal('adapters_applied'), id: z.int().min(1) }),
  /** The same: why they are not applied. The model stays loaded, without any adapter. */
  z.object({ type: z.literal('adapters_failed'), id: z.int().min(1), message: z.string() }),
  z.object({ type: z.literal('pong'), id: z.int() }),
]);
export type FromWorker = z.infer<typeof FromWorkerSchema>;
export type TimelineMessage = z.infer<typeof TimelineSchema>;
export type EncoderSettings = z.infer<typeof EncoderSettingsSchema>;
