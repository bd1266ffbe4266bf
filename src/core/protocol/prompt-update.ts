import * as z from 'zod';

/** `prompt_update` of both dialects; `segment_idx` counts as the dialect does. */
export const PromptUpdateSchema = z
  .object({
    type: z.literal('prompt_update'),
    prompt: z.string().max(1_000_000).regex(/\S/, 'must not be blank'),
    transition_ms: z
      .int()
      .min(0)
      .max(60_000)
      .nullish()
      .describe('Milliseconds in which the picture turns to the new words. Default: 750; 0: at once.'),
    segment_idx: z
      .int()
      .min(0)
      .nullish()
      .describe('The segment that is meant; refused when another one is running. Default: the running one.'),
  })
  .meta({
    id: 'prompt_update',
    description:
      '(ours) Changes the words of the running segment, where `gpu_assigned` has `steering`. The newest one counts.',
  });
export type PromptUpdate = z.infer<typeof PromptUpdateSchema>;

/** Fields of `prompt_updated`, but for `segment_idx`. */
export const promptUpdatedFields = {
  at_frame: z.int().min(0).describe('The first frame that shows it, counted from 0 in its segment.'),
  prompt: z.string(),
};

/** In `gpu_assigned`. */
export const steeringField = z.literal(true).optional().describe('(ours) The model takes `prompt_update`.');
