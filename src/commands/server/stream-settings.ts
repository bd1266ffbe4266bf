import type { ServeConfig } from '../../core/base/config/serve-schema/serve-config.ts';
import { openingLimits } from '../../core/base/opening/opening-limits.ts';
import type { StreamSettings } from '../../core/server/session/stream-settings.ts';

/** The operator's keys in the units of the code. */
export function streamSettings(config: ServeConfig): StreamSettings {
  const { streaming, default_request: request, generator, server } = config;
  const { sampling } = request;
  const { creation } = streaming;
  const preset = generator.pipeline?.preset;
  return {
    defaultRequest: {
      seed: sampling.seed,
      width: sampling.width,
      height: sampling.height,
      fps: sampling.fps,
      numFrames: sampling.num_frames,
      numInferenceSteps: sampling.num_inference_steps,
      guidanceScale: sampling.guidance_scale,
      ...(request.negative_prompt ? { negativePrompt: request.negative_prompt } : {}),
    },
    creation: {
      modelId: creation.model_id,
      aspectRatios: creation.aspect_ratios,
      resolutions: creation.resolutions,
      ...(creation.max_segment_seconds === undefined
        ? {}
        : { maxSegmentSeconds: creation.max_segment_seconds }),
    },
    adapters: generator.adapters ?? [],
    ...(preset ? { preset } : {}),
    streamMode: streaming.stream_mode,
    segmentCap: streaming.generation_segment_cap || Number.POSITIVE_INFINITY,
    rolloutCap:
      (streaming.rollout_segment_cap ?? streaming.generation_segment_cap) || Number.POSITIVE_INFINITY,
    realtimeLeadMs: streaming.realtime_lead_ms,
    sessionTimeoutMs: streaming.session_timeout_seconds * 1000,
    opening: openingLimits(streaming, streaming.session_timeout_seconds),
    maxQueuedRequests: streaming.max_queued_requests,
    maxPromptChars: streaming.max_prompt_chars,
    maxCuratedPrompts: streaming.max_curated_prompts,
    maxWaitingMessages: server.limits.waiting_messages,
    maxWaitingBytes: server.limits.waiting_bytes,
    maxPromptCalls: server.limits.prompt_calls,
    maxStateBytes: server.limits.state_bytes,
  };
}
