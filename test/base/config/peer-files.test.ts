import { describe, expect, it } from 'vitest';
import { load, loadText, problemsOf } from './load-from.ts';

/** Every key that FastVideo's serve config has (fastvideo 0.2.1, `api/schema.py`), with a value that it takes. */
const everyKey = `
generator:
  model_path: FastVideo/LTX2-Distilled-Diffusers
  revision: null
  trust_remote_code: false
  engine:
    num_gpus: 1
    execution_backend: mp
    parallelism: {tp_size: -1, sp_size: -1, hsdp_replicate_dim: 1, hsdp_shard_dim: -1, dist_timeout: null}
    offload: {dit: true, dit_layerwise: true, text_encoder: true, image_encoder: true, vae: true, pin_cpu_memory: true}
    compile:
      enabled: true
      backend: inductor
      fullgraph: true
      mode: max-autotune-no-cudagraphs
      dynamic: false
      extras: {disable: false}
      text_encoder_enabled: true
      vae_enabled: null
      audio_vae_enabled: null
      dit_kwargs: {}
      text_encoder_kwargs: {}
      vae_kwargs: {}
      audio_vae_kwargs: {}
    enable_stage_verification: true
    use_fsdp_inference: false
    disable_autocast: false
    quantization: {text_encoder_quant: null, transformer_quant: NVFP4}
  pipeline:
    workload_type: t2v
    preset: null
    preset_version: null
    components:
      config_root: null
      pipeline_config_path: null
      text_encoder_weights: null
      transformer_weights: null
      transformer_2_weights: null
      vae_weights: null
      upsampler_weights: null
      lora_path: null
      lora_strength: 1.0
      override_pipeline_cls_name: null
      override_transformer_cls_name: null
    vae_tiling: false
    preset_overrides: {refine: {enabled: true, num_inference_steps: 2, guidance_scale: 1.0, add_noise: true}}
    experimental: {anything: [1, 2]}
server: {host: 0.0.0.0, port: 8009, output_dir: outputs/}
default_request:
  prompt: [a red fox, a blue whale]
  negative_prompt: blurred
  inputs: {prompt_path: null, image_path: null, video_path: null, references: null, refine_from: null}
  sampling:
    num_videos_per_prompt: 1
    seed: 1024
    max_sequence_length: null
    num_frames: 121
    height: 1088
    width: 1920
    height_sr: 1072
    width_sr: 1920
    fps: 24
    num_inference_steps: 5
    num_inference_steps_sr: 50
    guidance_scale: 1.0
    batch_cfg: false
    guidance_scale_2: null
    cfg_normalization: false
    cfg_truncation: 1.0
    guidance_rescale: 0.0
    true_cfg_scale: null
    use_embedded_guidance: null
    boundary_ratio: null
    sigmas: null
  runtime: {enable_teacache: false, return_trajectory_latents: false, return_trajectory_decoded: false}
  output: {output_path: outputs/, output_video_name: null, save_video: true, return_frames: true, return_state: false}
  stage_overrides: {}
  state: null
  plan: null
  extensions: {}
streaming:
  session_timeout_seconds: 0
  generation_segment_cap: 0
  stream_mode: av_fmp4
  warmup: {enabled: true, prompt: a coast at sunrise, timeout_seconds: 2400}
  pool: {num_workers: null, enable_audio_reencode: true, conditioning_num_frames: 0, conditioning_end_offset: 0}
  prompt: {enabled: true, provider: cerebras, model: gpt-oss-120b, timeout_ms: 20000, system_prompt_dir: null}
  safety: {enabled: false, classifier_path: null}
`;

describe('a config file of FastVideo', () => {
  it.each(['serve', 'mock'] as const)('loads with every key that it may have, for %s', async (command) => {
    const files = { 'peer.yaml': everyKey };
    const { config } = await load({ command, files, configPath: 'peer.yaml' });
    expect(config.default_request).toMatchObject({
      prompt: ['a red fox', 'a blue whale'],
      sampling: { guidance_rescale: 0, guidance_scale_2: null, width_sr: 1920 },
    });
    expect(config.streaming).toMatchObject({
      session_timeout_seconds: 0,
      generation_segment_cap: 0,
      pool: { conditioning_num_frames: 0 },
    });
  });

  it('loads as JSON', async () => {
    const files = { 'peer.json': '{"generator": {"model_path": "mock:gradient"}, "streaming": null}' };
    const { config } = await load({ files, configPath: 'peer.json' });
    expect(config.streaming.generation_segment_cap).toBe(6);
  });

  it('has an odd size rounded up to an even one, which is said', async () => {
    const { config, origins, replaced } = await loadText(
      'default_request: {sampling: {width: 639, height: 352}}',
      '--default_request.sampling.height',
      '351',
    );
    expect(config.default_request.sampling).toMatchObject({ width: 640, height: 352 });
    expect(origins.get('default_request.sampling.width')).toBe('rounded up from 639');
    expect(origins.get('default_request.sampling.height')).toBe('rounded up from 351');
    expect([...replaced.values()]).toEqual([351, 639]);
  });

  it('is overridden by one prompt, or by several', async () => {
    const prompt = async (raw: string) =>
      (await load({ argv: ['--default_request.prompt', raw] })).config.default_request.prompt;
    expect(await prompt('123')).toBe('123');
    expect(await prompt('[a fox, a cat]')).toEqual(['a fox', 'a cat']);
  });

  it('is overridden by keys with dashes', async () => {
    const { config, origins } = await load({
      argv: ['--server.output-dir', 'here', '--default-request.sampling.num-frames=8'],
    });
    expect(config.server.output_dir).toBe('here');
    expect(config.default_request.sampling.num_frames).toBe(8);
    expect(origins.get('server.output_dir')).toBe('--server.output-dir');
    expect(await problemsOf(load({ argv: ['--server.out-dir', 'here'] }))).toEqual([
      '--server.out-dir: unknown option; did you mean "--server.output_dir"?',
    ]);
  });
});
