// Made by scripts/write-client-frames.ts from the schemas in src/core/protocol/native; change them, then run "npm run docs".

/** Why an `error` frame came. */
export type WireErrorCode =
  | 'invalid_message'
  | 'session_rejected'
  | 'preset_mismatch'
  | 'gpu_unavailable'
  | 'worker_failed'
  | 'upstream_timeout'
  | 'internal_error'
  | 'prompt_blocked'
  | 'unauthorized';

/** Why a session waits for a worker. */
export type QueueReason = 'warming_up' | 'workers_busy' | 'idle_session' | 'draining';

export interface ContinuationState {
  /** Format of the payload; a model accepts only its own kind. */
  readonly kind: string;
  /** Whatever the generator put there. In JSON, bytes are `{"$base64": "…"}`; a member kept by the server is `{"$ref": {"blob_id", "encoding", "bytes"}}`. */
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface LoraChoice {
  /** Of the base adapter, 0 to 1; what is beyond is cut. Default: 1. */
  readonly strength?: number | null | undefined;
  /** Strengths of the styles, 0 to 1, by name; what is beyond is cut. Default: none. */
  readonly styles?: Readonly<Record<string, number>> | null | undefined;
  /** Where there are no `styles`: one style at full strength, or `none`. */
  readonly style?: string | null | undefined;
}

export interface Capabilities {
  /** Whether videos have sound. Without it the stream has no audio track. */
  readonly sound: boolean;
  /** Pictures that the model uses. */
  readonly pictures: readonly ('first_frame' | 'last_frame' | 'references')[];
  /** Whether a video has to begin with a picture (`initial_image`). */
  readonly needs_first_frame: boolean;
  /** How a segment goes on from the one before: from a state of the model, from the last frame, or not at all (it begins anew). */
  readonly continuation: 'state' | 'last_frame' | 'none';
  /** Whether it takes LoRA adapters. */
  readonly adapters: boolean;
  /** Whether the prompt of a running segment can be changed. */
  readonly steering: boolean;
  /** What requests the model takes, as far as it is known. */
  readonly limits: {
    readonly size_multiple?: number | undefined;
    readonly min_frames?: number | undefined;
    readonly max_frames?: number | undefined;
    readonly frame_step?: number | undefined;
    readonly frame_rest?: number | undefined;
    readonly max_steps?: number | undefined;
    readonly min_seed?: number | undefined;
    readonly max_seed?: number | undefined;
  };
}

/** Opens a session; must be the first frame. */
export interface SessionInitV2ClientFrame {
  readonly type: 'session_init_v2';
  readonly client_id?: string | null | undefined;
  readonly preset?: string | null | undefined;
  readonly preset_label?: string | null | undefined;
  /** Prompts that the server may use by itself. */
  readonly curated_prompts?: readonly string[] | undefined;
  readonly initial_image?:
    | { readonly mime: string; readonly name?: string | null | undefined; readonly data: string }
    | {
        readonly data_url: string;
        readonly mime_type?: string | null | undefined;
        readonly name?: string | null | undefined;
      }
    | null
    | undefined;
  readonly enhancement_enabled?: boolean | undefined;
  readonly auto_extension_enabled?: boolean | undefined;
  readonly loop_generation_enabled?: boolean | undefined;
  /** Every segment is a separate clip. */
  readonly single_clip_mode?: boolean | undefined;
  /** (ours) Media is made no faster than it plays, `streaming.realtime_lead_ms` before it is due: for live streams without end, and so that a `prompt_update` is seen at once. Default: false. */
  readonly realtime?: boolean | null | undefined;
  /** For example `16:9`; one of `GET /creation-capabilities`. */
  readonly aspect_ratio?: string | null | undefined;
  /** For example `720p`; one of `GET /creation-capabilities`. */
  readonly resolution?: string | null | undefined;
  /** Default: the `streaming.stream_mode` of the config, which is `av_fmp4` unless the operator set it. */
  readonly stream_mode?: 'av_fmp4' | 'legacy_jpeg' | null | undefined;
  readonly continuation_state?: ContinuationState | null | undefined;
  /** Whether a session that reaches the segment cap sends its state as `continuation_state_snapshot` before `ltx2_stream_complete`, so that another session can continue from it. Default: false. */
  readonly final_state?: boolean | null | undefined;
  readonly resume?: { readonly session_id: string; readonly resume_token: string } | null | undefined;
  /** (ours) The adapters of this session, of those that `GET /lora/options` names. Default: those of the server, which `POST /lora` changes. */
  readonly lora?: LoraChoice | null | undefined;
}

/** Asks for the next segment. */
export interface SegmentPromptSourceClientFrame {
  readonly type: 'segment_prompt_source';
  readonly prompt: string;
  readonly negative_prompt?: string | null | undefined;
  readonly source?: 'curated' | 'enhanced' | 'user' | 'auto_extension' | undefined;
  readonly seed?: number | null | undefined;
  readonly num_inference_steps?: number | null | undefined;
  readonly guidance_scale?: number | null | undefined;
}

/** Replaces the curated prompts from the next segment on. */
export interface SeedPromptsUpdatedClientFrame {
  readonly type: 'seed_prompts_updated';
  readonly seed_prompts?: readonly string[] | undefined;
}

/** Whether every prompt is enhanced before it is used. */
export interface EnhancementUpdatedClientFrame {
  readonly type: 'enhancement_updated';
  readonly enabled: boolean;
}

/** Whether the server continues with prompts that it derives from the earlier ones. */
export interface AutoExtensionUpdatedClientFrame {
  readonly type: 'auto_extension_updated';
  readonly enabled: boolean;
}

/** Whether the server starts over with the first curated prompt. */
export interface LoopGenerationUpdatedClientFrame {
  readonly type: 'loop_generation_updated';
  readonly enabled: boolean;
}

/** (ours) Whether media is made no faster than it plays, from the next segment on: `realtime` of the opening. */
export interface RealtimeUpdatedClientFrame {
  readonly type: 'realtime_updated';
  readonly enabled: boolean;
}

/** While paused, requests wait in order; none is lost. */
export interface GenerationPausedUpdatedClientFrame {
  readonly type: 'generation_paused_updated';
  readonly paused: boolean;
}

/** Asks for the current continuation state; also answered while a segment is running. */
export interface SnapshotStateClientFrame {
  readonly type: 'snapshot_state';
  /** How large members of the state come: whole (default), or as `{"$ref": …}`, which this server and those that share its store take back for as long as the session has this state. */
  readonly blobs?: 'inline' | 'reference' | null | undefined;
}

/** Stops the running segment; the session continues. */
export interface CancelSegmentClientFrame {
  readonly type: 'cancel_segment';
}

/** (ours) Changes the words of the running segment, where `gpu_assigned` has `steering`. The newest one counts. */
export interface PromptUpdateClientFrame {
  readonly type: 'prompt_update';
  readonly prompt: string;
  /** Milliseconds in which the picture turns to the new words. Default: 750; 0: at once. */
  readonly transition_ms?: number | null | undefined;
  /** The segment that is meant; refused when another one is running. Default: the running one. */
  readonly segment_idx?: number | null | undefined;
}

/** Rewrites the curated prompts through the enhancer. */
export interface RewriteSeedPromptsClientFrame {
  readonly type: 'rewrite_seed_prompts';
  readonly rewrite_instruction?: string | null | undefined;
  readonly count?: number | undefined;
}

/** Ends the session cleanly. */
export interface LeaveClientFrame {
  readonly type: 'leave';
}

/** Once after a valid init, then whenever the position or the reason changes while waiting. */
export interface QueueStatusServerFrame {
  readonly type: 'queue_status';
  /** Position in the queue, 1 is next; 0 when a worker is free. */
  readonly position: number;
  /** Sessions that wait. */
  readonly queue_depth: number;
  /** Why the session waits: no worker is ready yet (`warming_up`), all workers are in use (`workers_busy`), a worker is held by a session that generates nothing now (`idle_session`), or the server is shutting down (`draining`). Only while it waits; a new reason is sent as it changes. */
  readonly reason?: QueueReason | undefined;
  /** For a resumed session: the token of the next resume; the one shown is used up. */
  readonly resume_token?: string | undefined;
}

/** A worker is bound, for as long as the session lasts. */
export interface GpuAssignedServerFrame {
  readonly type: 'gpu_assigned';
  readonly gpu_id: number;
  /** Idle limit in seconds; 0: none. */
  readonly session_timeout: number;
  readonly session_id: string;
  readonly resume_token?: string | undefined;
  readonly worker_id: string;
  readonly model_id: string;
  /** (ours) The model takes `prompt_update`. */
  readonly steering?: true | undefined;
  /** (ours) What the model can do. */
  readonly capabilities?: Capabilities | undefined;
}

/** The session is ACTIVE. */
export interface Ltx2StreamStartServerFrame {
  readonly type: 'ltx2_stream_start';
  readonly preset?: string | undefined;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Frames in one segment. */
  readonly num_frames: number;
}

/** A request begins. */
export interface Ltx2SegmentStartServerFrame {
  readonly type: 'ltx2_segment_start';
  /** Index of the segment in its session, from 0. */
  readonly segment_idx: number;
  /** The prompt that is used. */
  readonly prompt: string;
  readonly total_steps: number;
  readonly source: 'curated' | 'enhanced' | 'user' | 'auto_extension';
}

/** After each step that the generator reports. */
export interface StepCompleteServerFrame {
  readonly type: 'step_complete';
  /** Index of the segment in its session, from 0. */
  readonly segment_idx: number;
  readonly step: number;
  readonly total_steps: number;
  readonly stage: string;
}

/** Just before the first binary frame of the segment. */
export interface MediaInitServerFrame {
  readonly type: 'media_init';
  /** Index of the segment in its session, from 0. */
  readonly segment_idx: number;
  /** What the init segment contains, for `MediaSource.isTypeSupported`. */
  readonly mime: string;
  readonly stream_id: string;
  readonly mode: 'av_fmp4';
}

/** After the last binary frame of the segment. */
export interface MediaSegmentCompleteServerFrame {
  readonly type: 'media_segment_complete';
  /** Index of the segment in its session, from 0. */
  readonly segment_idx: number;
  readonly stream_id: string;
  /** Media binary frames; the initialization segment is not counted. */
  readonly chunks: number;
  readonly duration_ms: number;
  /** Sum of the durations before it. */
  readonly pts_base_ms: number;
  readonly bytes: number;
}

/** The segment is done. */
export interface Ltx2SegmentCompleteServerFrame {
  readonly type: 'ltx2_segment_complete';
  /** Index of the segment in its session, from 0. */
  readonly segment_idx: number;
  readonly generation_time_ms: number;
  /** From the request until now, including the wait in the queue. */
  readonly e2e_latency_ms: number;
  readonly time_to_first_media_ms?: number | undefined;
  readonly frames: number;
}

/** Last frame of a session that became ACTIVE. */
export interface Ltx2StreamCompleteServerFrame {
  readonly type: 'ltx2_stream_complete';
  readonly reason: 'segment_cap' | 'stop_requested' | 'error';
}

/** The idle limit is reached; the connection closes with 1000. */
export interface SessionTimeoutServerFrame {
  readonly type: 'session_timeout';
  readonly timeout_seconds: number;
}

/** Answer to `snapshot_state`; with `final_state` also before the end at the segment cap. */
export interface ContinuationStateSnapshotServerFrame {
  readonly type: 'continuation_state_snapshot';
  readonly state: ContinuationState;
}

/** The prompt is being enhanced. */
export interface PromptEnhancingServerFrame {
  readonly type: 'prompt_enhancing';
  /** Index of the segment in its session, from 0. */
  readonly segment_idx: number;
  readonly prompt: string;
  readonly source: 'curated' | 'enhanced' | 'user' | 'auto_extension';
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  readonly latency_ms?: number | undefined;
  readonly error?: string | undefined;
}

/** The enhanced prompt. */
export interface PromptReadyServerFrame {
  readonly type: 'prompt_ready';
  /** Index of the segment in its session, from 0. */
  readonly segment_idx: number;
  readonly prompt: string;
  readonly source: 'curated' | 'enhanced' | 'user' | 'auto_extension';
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  readonly latency_ms?: number | undefined;
  readonly error?: string | undefined;
}

/** Enhancement failed; the text of the user is used. */
export interface PromptFallbackUsedServerFrame {
  readonly type: 'prompt_fallback_used';
  /** Index of the segment in its session, from 0. */
  readonly segment_idx: number;
  readonly prompt: string;
  readonly source: 'curated' | 'enhanced' | 'user' | 'auto_extension';
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  readonly latency_ms?: number | undefined;
  readonly error?: string | undefined;
}

/** The rewrite begins. */
export interface RewriteSeedPromptsStartedServerFrame {
  readonly type: 'rewrite_seed_prompts_started';
  readonly model?: string | undefined;
}

/** The curated prompts are now these. */
export interface SeedPromptsUpdatedServerFrame {
  readonly type: 'seed_prompts_updated';
  readonly prompts: readonly string[];
  readonly reason: string;
  readonly raw_llm_output?: string | undefined;
  readonly rewrite_instruction?: string | undefined;
  readonly preset_id?: string | undefined;
  readonly preset_label?: string | undefined;
  readonly fallback_used: boolean;
  readonly error?: string | undefined;
  readonly model?: string | undefined;
  readonly latency_ms: number;
}

/** The rewrite is done. */
export interface RewriteSeedPromptsCompleteServerFrame {
  readonly type: 'rewrite_seed_prompts_complete';
  readonly preset_id?: string | undefined;
  readonly preset_label?: string | undefined;
  readonly fallback_used: boolean;
  readonly error?: string | undefined;
  readonly model?: string | undefined;
  readonly latency_ms: number;
}

/** (ours) A `prompt_update` has effect from that frame on. */
export interface PromptUpdatedServerFrame {
  readonly type: 'prompt_updated';
  /** Index of the segment in its session, from 0. */
  readonly segment_idx: number;
  /** The first frame that shows it, counted from 0 in its segment. */
  readonly at_frame: number;
  readonly prompt: string;
}

/** After `cancel_segment`; instead of `ltx2_segment_complete`. */
export interface SegmentCancelledServerFrame {
  readonly type: 'segment_cancelled';
  /** Index of the segment in its session, from 0. */
  readonly segment_idx: number;
}

/** Instead of the binary frames when `stream_mode` is `legacy_jpeg`. */
export interface FrameBatchServerFrame {
  readonly type: 'frame_batch';
  /** Index of the segment in its session, from 0. */
  readonly segment_idx: number;
  /** JPEG files in base64. */
  readonly frames: readonly string[];
  readonly start_frame: number;
}

/** A request of the client failed. */
export interface ErrorServerFrame {
  readonly type: 'error';
  readonly code: WireErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  /** What it is about, for programs; left out where nothing is known. */
  readonly about?:
    | {
        readonly message?: string | undefined;
        readonly toggle?: 'enhancement' | 'auto_extension' | 'loop_generation' | undefined;
        readonly prompt_id?: string | undefined;
        readonly segment_idx?: number | undefined;
        readonly detail?: string | undefined;
      }
    | undefined;
}

/** Every frame that a client may send. */
export type ClientFrame =
  | SessionInitV2ClientFrame
  | SegmentPromptSourceClientFrame
  | SeedPromptsUpdatedClientFrame
  | EnhancementUpdatedClientFrame
  | AutoExtensionUpdatedClientFrame
  | LoopGenerationUpdatedClientFrame
  | RealtimeUpdatedClientFrame
  | GenerationPausedUpdatedClientFrame
  | SnapshotStateClientFrame
  | CancelSegmentClientFrame
  | PromptUpdateClientFrame
  | RewriteSeedPromptsClientFrame
  | LeaveClientFrame;

/** Every text frame that a server sends. */
export type ServerFrame =
  | QueueStatusServerFrame
  | GpuAssignedServerFrame
  | Ltx2StreamStartServerFrame
  | Ltx2SegmentStartServerFrame
  | StepCompleteServerFrame
  | MediaInitServerFrame
  | MediaSegmentCompleteServerFrame
  | Ltx2SegmentCompleteServerFrame
  | Ltx2StreamCompleteServerFrame
  | SessionTimeoutServerFrame
  | ContinuationStateSnapshotServerFrame
  | PromptEnhancingServerFrame
  | PromptReadyServerFrame
  | PromptFallbackUsedServerFrame
  | RewriteSeedPromptsStartedServerFrame
  | SeedPromptsUpdatedServerFrame
  | RewriteSeedPromptsCompleteServerFrame
  | PromptUpdatedServerFrame
  | SegmentCancelledServerFrame
  | FrameBatchServerFrame
  | ErrorServerFrame;

/** Fields that a frame of the server must have, with what `typeof` says of them. */
export const requiredFields: Readonly<Record<ServerFrame['type'], Readonly<Record<string, string>>>> = {
  queue_status: { position: 'number', queue_depth: 'number' },
  gpu_assigned: {
    gpu_id: 'number',
    session_timeout: 'number',
    session_id: 'string',
    worker_id: 'string',
    model_id: 'string',
  },
  ltx2_stream_start: { width: 'number', height: 'number', fps: 'number', num_frames: 'number' },
  ltx2_segment_start: { segment_idx: 'number', prompt: 'string', total_steps: 'number', source: 'string' },
  step_complete: { segment_idx: 'number', step: 'number', total_steps: 'number', stage: 'string' },
  media_init: { segment_idx: 'number', mime: 'string', stream_id: 'string', mode: 'string' },
  media_segment_complete: {
    segment_idx: 'number',
    stream_id: 'string',
    chunks: 'number',
    duration_ms: 'number',
    pts_base_ms: 'number',
    bytes: 'number',
  },
  ltx2_segment_complete: {
    segment_idx: 'number',
    generation_time_ms: 'number',
    e2e_latency_ms: 'number',
    frames: 'number',
  },
  ltx2_stream_complete: { reason: 'string' },
  session_timeout: { timeout_seconds: 'number' },
  continuation_state_snapshot: { state: 'object' },
  prompt_enhancing: { segment_idx: 'number', prompt: 'string', source: 'string' },
  prompt_ready: { segment_idx: 'number', prompt: 'string', source: 'string' },
  prompt_fallback_used: { segment_idx: 'number', prompt: 'string', source: 'string' },
  rewrite_seed_prompts_started: {},
  seed_prompts_updated: {
    prompts: 'object',
    reason: 'string',
    fallback_used: 'boolean',
    latency_ms: 'number',
  },
  rewrite_seed_prompts_complete: { fallback_used: 'boolean', latency_ms: 'number' },
  prompt_updated: { segment_idx: 'number', at_frame: 'number', prompt: 'string' },
  segment_cancelled: { segment_idx: 'number' },
  frame_batch: { segment_idx: 'number', frames: 'object', start_frame: 'number' },
  error: { code: 'string', message: 'string', retryable: 'boolean' },
};
