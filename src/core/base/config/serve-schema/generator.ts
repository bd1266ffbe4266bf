import { z } from 'zod';
import { AdaptersSchema } from './adapters.ts';
import { modelPathProblem } from './model-path.ts';

// The block goes to a worker as it is: the keys that are known are checked, all others pass, and no default is filled
// in, so that the worker's own defaults hold. Python's None (null in the file) passes too.
const meant = (description: string) => ({ description, defaultNote: "the worker's" });
const yesOrNo = (description: string) => z.boolean().nullish().meta(meant(description));
const name = (description: string) => z.string().nullish().meta(meant(description));
const whole = (description: string, min: number) => z.int().min(min).nullish().meta(meant(description));
const block = (description: string) =>
  z.record(z.string(), z.unknown()).nullish().meta({ description, defaultNote: "the worker's" });

const ParallelismSchema = z
  .looseObject({
    tp_size: whole('Tensor parallel size; -1: as many as there are GPUs.', -1),
    sp_size: whole('Sequence parallel size; -1: as many as there are GPUs.', -1),
    hsdp_replicate_dim: whole('Replicas in hybrid sharded data parallelism.', -1),
    hsdp_shard_dim: whole('Shards in hybrid sharded data parallelism; -1: as many as there are GPUs.', -1),
    dist_timeout: whole('Time-out of the process group in seconds.', 0),
    master_port: whole('Port on which the processes find each other.', 0),
  })
  .meta({ description: 'How the model is spread over GPUs.' });

const OffloadSchema = z
  .looseObject({
    dit: yesOrNo('Keep the transformer in host memory while it is not used.'),
    dit_layerwise: yesOrNo('Move the transformer to the GPU layer by layer.'),
    text_encoder: yesOrNo('Keep the text encoder in host memory while it is not used.'),
    image_encoder: yesOrNo('Keep the image encoder in host memory while it is not used.'),
    vae: yesOrNo('Keep the VAE in host memory while it is not used.'),
    pin_cpu_memory: yesOrNo('Pin the host memory.'),
    lazy_module_load: yesOrNo('Load each component when it is first used.'),
  })
  .meta({ description: 'What is kept in host memory.' });

const CompileSchema = z
  .looseObject({
    enabled: yesOrNo('Compile the transformer with torch.compile.'),
    text_encoder_enabled: yesOrNo('Compile the text encoder.'),
    vae_enabled: yesOrNo('Compile the VAE.'),
    audio_vae_enabled: yesOrNo('Compile the audio VAE.'),
    backend: name('Backend of torch.compile, e.g. `inductor`.'),
    fullgraph: yesOrNo('Refuse graph breaks.'),
    mode: name('Mode of torch.compile, e.g. `max-autotune-no-cudagraphs`.'),
    dynamic: yesOrNo('Compile for dynamic shapes.'),
  })
  .meta({ description: 'torch.compile.' });

const QuantizationSchema = z
  .looseObject({
    text_encoder_quant: name('Quantization of the text encoder.'),
    transformer_quant: name('Quantization of the transformer, e.g. `NVFP4`.'),
  })
  .nullish()
  .meta({ description: 'Quantization.' });

const EngineSchema = z
  .looseObject({
    num_gpus: whole('GPUs that one worker uses.', 1),
    execution_backend: name('How its processes run: `mp` or `ray`.'),
    parallelism: ParallelismSchema.optional(),
    offload: OffloadSchema.optional(),
    compile: CompileSchema.optional(),
    quantization: QuantizationSchema,
    attention: block('Attention kernels.'),
    precision: block('Numeric precision of each component.'),
    enable_stage_verification: yesOrNo('Check the data that is passed between stages.'),
    use_fsdp_inference: yesOrNo('Shard the weights with FSDP.'),
    disable_autocast: yesOrNo('Switch autocast off.'),
  })
  .meta({ description: 'How the model runs.' });

const ComponentsSchema = z
  .looseObject({
    config_root: name('Model folder or id whose tokenizer and scheduler files are used.'),
    pipeline_config_path: name('Pipeline config file.'),
    text_encoder_weights: name('Weights of the text encoder.'),
    transformer_weights: name('Weights of the transformer.'),
    transformer_2_weights: name('Weights of the second transformer.'),
    vae_weights: name('Weights of the VAE.'),
    upsampler_weights: name('Weights of the upsampler.'),
    lora_path: name('LoRA weights.'),
    lora_nickname: name('Name of the LoRA.'),
    lora_strength: z.number().nullish().meta(meant('Strength of the LoRA.')),
  })
  .meta({ description: 'Where the parts of the model come from.' });

const PipelineSchema = z
  .looseObject({
    workload_type: name('Kind of generation: `t2v` (text to video), `i2v` (image to video), and so on.'),
    preset: name('Preset of the model. FastVideo 0.2.1 refuses it: it chooses by the name of the model.'),
    preset_version: whole('Version of the preset. FastVideo 0.2.1 refuses it.', 0),
    components: ComponentsSchema.optional(),
    vae_tiling: yesOrNo('Decode in tiles.'),
    vae_sp: yesOrNo('Decode spread over GPUs.'),
    flow_shift: z.number().nullish().meta(meant('Shift of the flow-matching scheduler.')),
    preset_overrides: block("Changes to the preset's stages, by stage."),
    experimental: block('Any further settings of the worker.'),
  })
  .meta({ description: 'What the model generates.' });

export const GeneratorSchema = z
  .looseObject({
    model_path: z
      .string()
      .min(1)
      .superRefine((path, context) => {
        const message = modelPathProblem(path);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      })
      .default('builtin:cppn')
      .meta({
        description:
          'Model to load: `builtin:cppn`, `mock:gradient`, `exec:COMMAND` (your own worker program), or a folder or model id for FastVideo in Python.',
        defaultNote: '`mock:gradient` for `mock`',
      }),
    backend: z.enum(['onnx', 'mock', 'exec', 'python']).optional().meta({
      description:
        'What runs the model: `onnx`, `mock`, `exec` or `python`; overrides what follows from the path.',
      defaultNote: '`onnx` for `builtin:`, `mock` for `mock:`, `exec` for `exec:`, else `python`',
    }),
    revision: z.string().nullish().meta(meant('Revision of the model: branch, tag or commit.')),
    trust_remote_code: yesOrNo('Whether code that comes with the model may run.'),
    engine: EngineSchema.optional(),
    pipeline: PipelineSchema.optional(),
    adapters: AdaptersSchema.optional().meta({
      description:
        'LoRA adapters that clients may choose while the server runs (`GET /lora/options`, `POST /lora`): each with `name`, `label`, `path`, `base`, `strength`, `trigger` and `trigger_position` (docs/fastvideo.md).',
      defaultNote: 'none',
    }),
  })
  .meta({ description: 'The generator of the frames; the whole section is passed to the worker.' });
