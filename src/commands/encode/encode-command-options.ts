import { z } from 'zod';
import { FastVideoError } from '../../core/base/errors.ts';
import type { EncodeOptions } from '../../core/media/encoder.ts';

const positiveInteger = z
  .string()
  .regex(/^[1-9]\d*$/, 'must be a whole number from 1')
  .transform(Number);

const SizeSchema = z
  .string()
  .regex(/^[1-9]\d*x[1-9]\d*$/i, 'must be WIDTHxHEIGHT, e.g. 1280x720')
  .transform((text) => {
    const [width = 0, height = 0] = text.toLowerCase().split('x').map(Number);
    return { width, height };
  });

const FpsSchema = z
  .string()
  .regex(/^(\d+(\.\d{1,3})?|\d+\/\d+)$/, 'must be a number such as 24 or a fraction such as 30000/1001')
  .transform((text) => {
    const [num = 0, den] = text.split('/').map(Number);
    if (den !== undefined) return { num, den };
    return Number.isInteger(num) ? { num, den: 1 } : { num: Math.round(num * 1000), den: 1000 };
  })
  .refine(({ num, den }) => num > 0 && den > 0, 'must be above 0');

const OptionsSchema = z.object({
  size: SizeSchema,
  fps: FpsSchema,
  audio: z.string().optional(),
  output: z.string().optional(),
  preset: z.string(),
  pixelFormat: z.string(),
  profile: z.string().optional(),
  gop: positiveInteger.optional(),
  fragmentDuration: z.string().regex(/^\d+$/, 'must be milliseconds, e.g. 100').transform(Number),
  ffmpeg: z.string().optional(),
  ffmpegArg: z.array(z.string()).default([]),
  initOnly: z.boolean().default(false),
  stats: z.boolean().default(false),
  json: z.boolean().default(false),
});

export interface EncodeCommandOptions {
  readonly picture: {
    readonly width: number;
    readonly height: number;
    readonly fps: { readonly num: number; readonly den: number };
  };
  readonly settings: Pick<
    EncodeOptions,
    'preset' | 'pixelFormat' | 'profile' | 'gop' | 'fragmentDurationMs' | 'extraArgs'
  >;
  readonly audio: string | undefined;
  readonly output: string | undefined;
  readonly ffmpegPath: string | undefined;
  readonly initOnly: boolean;
  readonly stats: boolean;
  readonly json: boolean;
}

/** Throws `usage` with every problem. */
export function readEncodeOptions(options: Readonly<Record<string, unknown>>): EncodeCommandOptions {
  if (options.size === undefined) {
    throw new FastVideoError(
      'usage',
      '--size is missing; raw frames do not tell their size, e.g. --size 1280x720.',
    );
  }
  const result = OptionsSchema.safeParse(options);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => {
      const key = String(issue.path[0] ?? '');
      const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return `--${flag} "${String(options[key])}" ${issue.message}`;
    });
    throw new FastVideoError('usage', `${problems.join('; ')}.`);
  }
  const { size, fps, profile, gop, ffmpeg, ...rest } = result.data;
  return {
    picture: { ...size, fps },
    settings: {
      preset: rest.preset,
      pixelFormat: rest.pixelFormat,
      fragmentDurationMs: rest.fragmentDuration,
      extraArgs: rest.ffmpegArg,
      ...(profile === undefined ? {} : { profile }),
      ...(gop === undefined ? {} : { gop }),
    },
    audio: rest.audio,
    output: rest.output,
    ffmpegPath: ffmpeg,
    initOnly: rest.initOnly,
    stats: rest.stats || rest.json,
    json: rest.json,
  };
}
