/** Literal frames, written by hand from the wire contract, that the schemas have to accept or refuse. */
export interface FrameCases {
  readonly accepted: readonly object[];
  readonly refused: readonly { readonly why: string; readonly frame: unknown }[];
}

const request = { type: 'segment_prompt_source', prompt: 'a fox' };
const state = { kind: 'k', payload: { a: [1, null] } };

export const clientCases: FrameCases = {
  accepted: [
    { type: 'session_init_v2' },
    { type: 'session_init_v2', unknown_extra_field: { deep: true } },
    {
      type: 'session_init_v2',
      client_id: 'c',
      preset: 'p',
      preset_label: 'P',
      curated_prompts: ['a', ''],
      initial_image: { mime: 'image/png', name: 'a.png', data: 'AAAA' },
      enhancement_enabled: true,
      auto_extension_enabled: true,
      loop_generation_enabled: true,
      single_clip_mode: true,
      stream_mode: 'legacy_jpeg',
      continuation_state: state,
      resume: { session_id: 's', resume_token: 't' },
    },
    { type: 'session_init_v2', client_id: null, initial_image: null, continuation_state: null },
    request,
    { ...request, negative_prompt: 'rain', source: 'curated', seed: 0, num_inference_steps: 1 },
    { ...request, seed: -1, guidance_scale: 1.5 },
    { ...request, prompt: ' x ', seed: null, guidance_scale: null },
    { type: 'seed_prompts_updated' },
    { type: 'seed_prompts_updated', seed_prompts: ['a'] },
    { type: 'enhancement_updated', enabled: true },
    { type: 'auto_extension_updated', enabled: false },
    { type: 'loop_generation_updated', enabled: true },
    { type: 'generation_paused_updated', paused: true },
    { type: 'snapshot_state' },
    { type: 'cancel_segment' },
    { type: 'rewrite_seed_prompts' },
    { type: 'rewrite_seed_prompts', rewrite_instruction: 'at night', count: 20 },
    { type: 'leave' },
  ],
  refused: [
    { why: 'is not an object', frame: ['session_init_v2'] },
    { why: 'is null', frame: null },
    { why: 'has no type', frame: { prompt: 'a fox' } },
    { why: 'has an unknown type', frame: { type: 'segment_prompt' } },
    { why: 'has a server type', frame: { type: 'media_init', segment_idx: 0 } },
    { why: 'has a toggle that is not a bool', frame: { type: 'session_init_v2', single_clip_mode: 'yes' } },
    { why: 'has an unknown stream mode', frame: { type: 'session_init_v2', stream_mode: 'hls' } },
    { why: 'has prompts that are one text', frame: { type: 'session_init_v2', curated_prompts: 'a' } },
    {
      why: 'has an image without data',
      frame: { type: 'session_init_v2', initial_image: { mime: 'image/png' } },
    },
    {
      why: 'has a state without payload',
      frame: { type: 'session_init_v2', continuation_state: { kind: 'k' } },
    },
    {
      why: 'has a payload that is a list',
      frame: { type: 'session_init_v2', continuation_state: { kind: 'k', payload: [1] } },
    },
    { why: 'has no prompt', frame: { type: 'segment_prompt_source' } },
    { why: 'has an empty prompt', frame: { ...request, prompt: '' } },
    { why: 'has a blank prompt', frame: { ...request, prompt: ' \n\t' } },
    { why: 'has an unknown source', frame: { ...request, source: 'robot' } },
    { why: 'has a broken seed', frame: { ...request, seed: 1.5 } },
    { why: 'has a seed that JSON numbers cannot hold', frame: { ...request, seed: 2 ** 60 } },
    { why: 'has no steps', frame: { ...request, num_inference_steps: 0 } },
    { why: 'has a guidance scale as text', frame: { ...request, guidance_scale: '1' } },
    { why: 'toggles nothing', frame: { type: 'loop_generation_updated' } },
    { why: 'pauses with a number', frame: { type: 'generation_paused_updated', paused: 1 } },
    { why: 'asks for 21 prompts', frame: { type: 'rewrite_seed_prompts', count: 21 } },
    { why: 'asks for no prompt', frame: { type: 'rewrite_seed_prompts', count: 0 } },
  ],
};

const mediaInit = { type: 'media_init', segment_idx: 0, mime: 'video/mp4', stream_id: 's', mode: 'av_fmp4' };

export const serverCases: FrameCases = {
  accepted: [
    { type: 'queue_status', position: 0, queue_depth: 0 },
    mediaInit,
    { ...mediaInit, a_field_of_tomorrow: 1 },
    { type: 'ltx2_stream_complete', reason: 'segment_cap' },
    { type: 'ltx2_stream_complete', reason: 'stop_requested' },
    { type: 'ltx2_stream_complete', reason: 'error' },
    { type: 'continuation_state_snapshot', state },
    { type: 'segment_cancelled', segment_idx: 3 },
    { type: 'error', code: 'prompt_blocked', message: 'm', retryable: false },
  ],
  refused: [
    { why: 'has a negative position', frame: { type: 'queue_status', position: -1, queue_depth: 0 } },
    { why: 'has another mode', frame: { ...mediaInit, mode: 'legacy_jpeg' } },
    { why: 'has no mime', frame: { ...mediaInit, mime: undefined } },
    { why: 'has a segment index below 0', frame: { ...mediaInit, segment_idx: -1 } },
    { why: 'has an unknown reason', frame: { type: 'ltx2_stream_complete', reason: 'bored' } },
    {
      why: 'has step 0',
      frame: { type: 'step_complete', segment_idx: 0, step: 0, total_steps: 1, stage: 's' },
    },
    {
      why: 'has a code that stays here',
      frame: { type: 'error', code: 'usage', message: '', retryable: false },
    },
    { why: 'does not say whether to retry', frame: { type: 'error', code: 'worker_failed', message: '' } },
  ],
};
