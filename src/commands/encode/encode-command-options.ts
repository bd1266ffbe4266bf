import { z } from 'zod';
import { FastVideoError } from '../../core/base/errors.ts';
import { encoderOptionShape, encoderOptions, exclusiveOptions } from './encoder-options.ts';

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
  ...encoderOptionShape,
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
  readonly encoder: ReturnType<typeof encoderOptions>;
  readonly audio: string | undefined;
  readonly output: string | undefined;
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
      return `${flagOf(key)} "${String(options[key])}" ${issue.message}`;
    });
    throw new FastVideoError('usage', `${problems.join('; ')}.`);
  }
  const { size, fps, audio, output, initOnly, stats, json, ...encoder } = result.data;
  for (const [one, other] of exclusiveOptions) {
    if (encoder[one] === undefined || encoder[other] === undefined) continue;
    throw new FastVideoError(
      'usage',
      `${flagOf(one)} and ${flagOf(other)} exclude each other: give one of them.`,
    );
  }
  return {
    picture: { ...size, fps },
    encoder: encoderOptions(encoder, process.env),
    audio,
    output,
    initOnly,
    stats: stats || json,
    json,
  };
}

function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
