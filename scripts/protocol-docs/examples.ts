import type { ClientFrame, ClientFrameInput } from '../../src/core/protocol/native/client-frames.ts';
import type { ServerFrame, ServerFrameType } from '../../src/core/protocol/native/server-frames.ts';

type Examples<Type extends string, Frame extends { type: string }> = {
  readonly [T in Type]: Extract<Frame, { type: T }>;
};

const state = { kind: 'builtin:cppn', payload: { next_frame: 48, z: [0.1, -0.2] } };
const mime = 'video/mp4; codecs="avc1.42c01f, mp4a.40.2"';
const sessionId = '3f2c9f6e-5f0c-4a57-9f0e-5d1f8f0b7c11';
const streamId = `${sessionId}-0`;
const prompt = 'a red fox in deep snow';

/** One example for each frame that a client sends. */
export const clientExamples: Examples<ClientFrame['type'], ClientFrameInput> = {
  session_init_v2: { type: 'session_init_v2', client_id: 'demo', curated_prompts: [prompt] },
  segment_prompt_source: { type: 'segment_prompt_source', prompt, source: 'user', seed: 7 },
  seed_prompts_updated: { type: 'seed_prompts_updated', seed_prompts: [prompt, 'the fox looks up'] },
  enhancement_updated: { type: 'enhancement_updated', enabled: false },
  auto_extension_updated: { type: 'auto_extension_updated', enabled: false },
  loop_generation_updated: { type: 'loop_generation_updated', enabled: true },
  realtime_updated: { type: 'realtime_updated', enabled: true },
  generation_paused_updated: { type: 'generation_paused_updated', paused: true },
  snapshot_state: { type: 'snapshot_state' },
  cancel_segment: { type: 'cancel_segment' },
  prompt_update: { type: 'prompt_update', prompt: 'the fox in a green forest', transition_ms: 500 },
  rewrite_seed_prompts: { type: 'rewrite_seed_prompts', rewrite_instruction: 'at night', count: 3 },
  leave: { type: 'leave' },
};

/** One example for each text frame that the server sends. */
export const serverExamples: Examples<ServerFrameType, ServerFrame> = {
  queue_status: { type: 'queue_status', position: 0, queue_depth: 0 },
  gpu_assigned: {
    type: 'gpu_assigned',
    gpu_id: 0,
    session_timeout: 300,
    session_id: sessionId,
    worker_id: 'worker-0',
    model_id: 'builtin:cppn',
  },
  ltx2_stream_start: { type: 'ltx2_stream_start', width: 640, height: 352, fps: 24, num_frames: 48 },
  ltx2_segment_start: { type: 'ltx2_segment_start', segment_idx: 0, prompt, total_steps: 48, source: 'user' },
  step_complete: { type: 'step_complete', segment_idx: 0, step: 1, total_steps: 48, stage: 'denoise' },
  prompt_updated: {
    type: 'prompt_updated',
    segment_idx: 0,
    at_frame: 31,
    prompt: 'the fox in a green forest',
  },
  media_init: { type: 'media_init', segment_idx: 0, mime, stream_id: streamId, mode: 'av_fmp4' },
  media_segment_complete: {
    type: 'media_segment_complete',
    segment_idx: 0,
    stream_id: streamId,
    chunks: 10,
    duration_ms: 2000,
    pts_base_ms: 0,
    bytes: 412345,
  },
  ltx2_segment_complete: {
    type: 'ltx2_segment_complete',
    segment_idx: 0,
    generation_time_ms: 612.4,
    e2e_latency_ms: 613.1,
    time_to_first_media_ms: 58.2,
    frames: 48,
  },
  ltx2_stream_complete: { type: 'ltx2_stream_complete', reason: 'segment_cap' },
  session_timeout: { type: 'session_timeout', timeout_seconds: 300 },
  continuation_state_snapshot: { type: 'continuation_state_snapshot', state },
  prompt_enhancing: { type: 'prompt_enhancing', segment_idx: 1, prompt, source: 'user' },
  prompt_ready: {
    type: 'prompt_ready',
    segment_idx: 1,
    prompt: 'A red fox crosses deep snow in low winter light',
    source: 'enhanced',
    provider: 'cerebras',
    model: 'gpt-oss-120b',
    latency_ms: 240.5,
  },
  prompt_fallback_used: {
    type: 'prompt_fallback_used',
    segment_idx: 1,
    prompt,
    source: 'user',
    error: 'cerebras did not answer within 20000 ms',
  },
  rewrite_seed_prompts_started: { type: 'rewrite_seed_prompts_started', model: 'gpt-oss-120b' },
  seed_prompts_updated: {
    type: 'seed_prompts_updated',
    prompts: ['a red fox at night'],
    reason: 'rewrite',
    fallback_used: false,
    latency_ms: 812.3,
  },
  rewrite_seed_prompts_complete: {
    type: 'rewrite_seed_prompts_complete',
    fallback_used: false,
    latency_ms: 812.3,
  },
  segment_cancelled: { type: 'segment_cancelled', segment_idx: 2 },
  frame_batch: { type: 'frame_batch', segment_idx: 0, frames: ['/9j/4AAQSkZJRg=='], start_frame: 0 },
  session_checkpoint: {
    type: 'session_checkpoint',
    seen: 4,
    pending: [3],
    frames: 1,
    set: { current: null, completed_segments: 1, video_frames: 48 },
  },
  error: {
    type: 'error',
    code: 'invalid_message',
    message: 'The message is not valid: segment_prompt_source: prompt: must not be blank.',
    retryable: true,
  },
};
