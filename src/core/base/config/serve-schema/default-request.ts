import { z } from 'zod';

const seedLimit = Number.MAX_SAFE_INTEGER;

/** Of a video, in pixels. */
export const smallestSide = 16;
export const largestSide = 8192;

function side(fallback: number, description: string) {
  return z
    .int()
    .min(smallestSide)
    .max(largestSide)
    .multipleOf(2)
    .default(fallback)
    .meta({ description, unit: 'pixels' });
}

const SamplingSchema = z
  .looseObject({
    seed: z.int().min(-seedLimit).max(seedLimit).default(1024).meta({
      description: 'Seed of the random numbers.',
    }),
    num_frames: z.int().min(1).max(10_000).default(125).meta({
      description: 'Frames in one segment.',
      unit: 'frames',
      defaultNote: '`48` without a config file, `120` for `mock`',
    }),
    height: side(720, 'Height of the video; even; an odd one is rounded up.').meta({
      defaultNote: '`352` without a config file',
    }),
    width: side(1280, 'Width of the video; even; an odd one is rounded up.').meta({
      defaultNote: '`640` without a config file',
    }),
    fps: z.number().min(1).max(240).default(24).meta({ description: 'Frame rate.', unit: 'frames a second' }),
    num_inference_steps: z.int().min(1).max(1000).default(50).meta({
      description: 'Denoising steps of one segment.',
      unit: 'steps',
    }),
    guidance_scale: z.number().min(0).max(1000).default(1).meta({
      description: 'How strongly the prompt guides the generator.',
    }),
    guidance_rescale: z.number().min(0).max(1).optional().meta({
      description: 'How far the deviation of guided predictions is scaled back; passed to the worker.',
      defaultNote: "the worker's",
    }),
  })
  .meta({ description: 'Sampling settings; further keys are passed to the worker unchanged.' });

/** What every request starts from; a client's own fields win. */
export const DefaultRequestSchema = z
  .looseObject({
    prompt: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .meta({ description: 'Prompt of a request that has none, or several; passed to the worker.' }),
    negative_prompt: z.string().optional().meta({ description: 'What the video should not show.' }),
    sampling: SamplingSchema.prefault({}),
  })
  .meta({ description: 'What every request starts from; further keys are passed to the worker unchanged.' });
