import { z } from 'zod';
import { type EncoderVariable, encoderVariables } from '../../core/base/config/encoder-variables.ts';
import type { EncodersOptions } from '../../core/media/create-encoders.ts';
import type { EncoderSettings } from '../../core/media/encoder.ts';

const wholeFrom1 = z
  .string()
  .regex(/^[1-9]\d*$/, 'must be a whole number of at least 1')
  .transform(Number);
const milliseconds = z.string().regex(/^\d+$/, 'must be milliseconds, e.g. 100').transform(Number);
const decimal = (example: string) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, `must be a number, e.g. ${example}`)
    .transform(Number);

export const encoderOptionShape = {
  backend: z.enum(['auto', 'libav', 'ffmpeg'], { error: 'must be auto, libav or ffmpeg' }),
  codec: z
    .string()
    .regex(/^[a-z0-9_]+$/, "must be FFmpeg's name of a video encoder, e.g. libx264")
    .optional(),
  preset: z.string().optional(),
  tune: z.string().optional(),
  profile: z.string().optional(),
  pixelFormat: z.string().optional(),
  gopSeconds: decimal('0.5').optional(),
  gop: wholeFrom1.optional(),
  crf: decimal('23').optional(),
  bitrate: wholeFrom1.optional(),
  fragmentMs: milliseconds.optional(),
  fragmentDuration: milliseconds.optional(),
  ffmpeg: z.string().optional(),
  ffmpegArg: z.array(z.string()).default([]),
};

type Given = z.output<z.ZodObject<typeof encoderOptionShape>>;

/** Pairs of which only one may be given, as they are written. */
export const exclusiveOptions = [
  ['gop', 'gopSeconds'],
  ['fragmentDuration', 'fragmentMs'],
  ['crf', 'bitrate'],
] as const;

/** What they ask of an encoder; FastVideo's variables hold where an option is not given. */
export function encoderOptions(
  given: Given,
  env: NodeJS.ProcessEnv,
): EncodersOptions & { readonly settings: EncoderSettings } {
  const { backend, ffmpeg, ffmpegArg, fragmentMs, fragmentDuration, pixelFormat, ...codec } = given;
  const settings = withoutUndefined({
    ...codec,
    pixelFormat,
    fragmentDurationMs: fragmentMs ?? fragmentDuration,
    extraArgs: ffmpegArg,
  });
  const variables = encoderVariables({ ...given, pixel_format: pixelFormat }, env);
  return {
    backend,
    ffmpegPath: ffmpeg,
    settings: { ...settings, ...Object.fromEntries(variables.map(setting)) },
    optionNames: {
      backend: '--backend',
      codec: '--codec',
      pixelFormat: '--pixel-format',
      profile: '--profile',
      extraArgs: '--ffmpeg-arg',
      all: 'encode',
    },
  };
}

function setting({ key, value }: EncoderVariable): [string, unknown] {
  return [key === 'pixel_format' ? 'pixelFormat' : key, value];
}

/** Without the members that are not there. */
function withoutUndefined(members: Readonly<Record<string, unknown>>): EncoderSettings {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
