import { z } from 'zod';
import { pictureInputs } from './picture-inputs.ts';

/**
 * How a segment goes on from the one before it: from a `state` of the model's own, from the `last_frame` (picture only, so
 * sound begins anew), or not at all.
 */
export const continuations = ['state', 'last_frame', 'none'] as const;
export type Continuation = (typeof continuations)[number];

/** What a loaded model takes; a request that asks for something else never reaches it. Unset: no limit is known. */
export const RequestLimitsSchema = z.object({
  size_multiple: z.int().positive().optional().describe('Width and height are multiples of it, in pixels.'),
  min_frames: z.int().positive().optional(),
  max_frames: z.int().positive().optional(),
  frame_step: z
    .int()
    .positive()
    .optional()
    .describe(
      'The model makes k * `frame_step` + `frame_rest` frames. Another number is made longer and cut: no limit, only the numbers without waste.',
    ),
  frame_rest: z.int().min(0).optional().describe('Default 1.'),
  max_steps: z.int().positive().optional(),
  min_seed: z.int().optional(),
  max_seed: z.int().optional(),
});
export type RequestLimits = z.infer<typeof RequestLimitsSchema>;

/** What a loaded model can do, as clients and operators see it. */
export const CapabilitiesSchema = z
  .object({
    sound: z.boolean().describe('Whether videos have sound. Without it the stream has no audio track.'),
    pictures: z.array(z.enum(pictureInputs)).describe('Pictures that the model uses.'),
    needs_first_frame: z.boolean().describe('Whether a video has to begin with a picture (`initial_image`).'),
    continuation: z
      .enum(continuations)
      .describe(
        'How a segment goes on from the one before: from a state of the model, from the last frame, or not at all (it begins anew).',
      ),
    adapters: z.boolean().describe('Whether it takes LoRA adapters.'),
    steering: z.boolean().describe('Whether the prompt of a running segment can be changed.'),
    limits: RequestLimitsSchema.describe('What requests the model takes, as far as it is known.'),
  })
  .meta({ id: 'Capabilities' });
export type Capabilities = z.infer<typeof CapabilitiesSchema>;
