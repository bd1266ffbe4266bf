import { z } from 'zod';
import { largestSide, smallestSide } from '../../base/config/serve-schema/default-request.ts';
import { stillFormats } from '../../media/stills.ts';

/** In a form all values are texts. */
function numeric(schema: z.ZodNumber) {
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^-?\d{1,20}(\.\d{1,20})?$/, 'must be a number')
          .transform(Number),
      ],
      'must be a number',
    )
    .pipe(schema)
    .nullish()
    .transform((value) => value ?? undefined);
}

const yesOrNo = z
  .union(
    [z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')],
    'must be true or false',
  )
  .nullish()
  .transform((value) => value ?? false);

const words = z
  .string('must be a text')
  .nullish()
  .transform((value) => value || undefined);

/** `WIDTHxHEIGHT`; `auto` and nothing for the server's own. */
const size = z
  .string('must be a text')
  .nullish()
  .transform((text, context) => {
    if (text === undefined || text === null || text === '' || text === 'auto') return undefined;
    const [, width = 0, height = 0] = (/^(\d{1,5})x(\d{1,5})$/i.exec(text) ?? []).map(Number);
    const fits = (side: number) => side >= smallestSide && side <= largestSide;
    if (fits(width) && fits(height)) return { width, height };
    context.addIssue({
      code: 'custom',
      message: `must be WIDTHxHEIGHT in pixels, each from ${smallestSide} to ${largestSide}, such as 1280x720, not "${text.slice(0, 40)}"`,
    });
    return z.NEVER;
  });

/** Says nothing about the picture, or nothing that can be had: taken and not looked at. */
const ignored = z.unknown().optional();

const common = {
  prompt: z
    .string({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be a text') })
    .refine((text) => text.trim() !== '', 'must not be empty'),
  // One model is loaded; the answer names it.
  model: ignored,
  size,
  seed: numeric(z.int('must be a whole number')),
  negative_prompt: words,
  num_inference_steps: numeric(z.int('must be a whole number').min(1, 'must be at least 1')),
  guidance_scale: numeric(z.number().min(0, 'must be at least 0').max(1000, 'must be at most 1000')),
  /** (ours) */
  enhance_prompt: yesOrNo,
  user: ignored,
  quality: ignored,
  enable_teacache: z
    .union([z.literal(false), z.literal('false')], 'must be false: this server has no TeaCache')
    .nullish(),
};

const clip = {
  seconds: numeric(z.number().gt(0, 'must be above 0').max(100_000, 'must be at most 100000')),
  num_frames: numeric(z.int('must be a whole number').min(1, 'must be at least 1')),
};

export const VideoFieldsSchema = z.strictObject({
  ...common,
  ...clip,
  fps: numeric(z.number().min(1, 'must be at least 1').max(240, 'must be at most 240')),
  input_reference: z.unknown().optional(),
  reference_url: words,
});
export type VideoFields = z.output<typeof VideoFieldsSchema>;

export const RemixFieldsSchema = z.strictObject({ prompt: common.prompt, enhance_prompt: yesOrNo });

export const ExtendFieldsSchema = z.strictObject({
  prompt: common.prompt,
  enhance_prompt: yesOrNo,
  seed: common.seed,
  ...clip,
});
export type ExtendFields = z.output<typeof ExtendFieldsSchema>;

/** OpenAI's own way to ask for an extension: the video stands in the body. */
export const ExtensionFieldsSchema = ExtendFieldsSchema.extend({
  video: z.strictObject({ id: z.string() }, 'must be {"id": "video_…"}'),
});

export const ImageFieldsSchema = z.strictObject({
  ...common,
  n: numeric(z.int('must be a whole number').min(1, 'must be at least 1').max(10, 'must be at most 10')),
  response_format: z
    .enum(['b64_json', 'url'], 'must be b64_json or url')
    .nullish()
    .transform((format) => format ?? undefined),
  output_format: z
    .enum(stillFormats, 'must be png, jpeg or webp')
    .nullish()
    .transform((format) => format ?? 'png'),
  background: z.enum(['auto', 'opaque'], 'must be auto or opaque').nullish(),
  style: ignored,
  moderation: ignored,
});
export type ImageFields = z.output<typeof ImageFieldsSchema>;
