import { z } from 'zod';
import { FastVideoError } from '../../core/base/errors.ts';
import { planEncode } from '../../core/media/encode-plan.ts';
import type { EncodeOptions } from '../../core/media/encoder.ts';
import type { RawSound } from '../../core/media/ffmpeg/sound-decoder.ts';
import { encoderOptionShape, encoderOptions, exclusiveOptions } from './encoder-options.ts';

const positiveInteger = z
  .string()
  .regex(/^[1-9]\d*$/, 'must be a whole number of at least 1')
  .transform(Number);

/** Where neither an option nor the frames say it. */
export const defaultFps = 24;

const SizeSchema = z
  .string()
  .regex(/^[1-9]\d*x[1-9]\d*$/i, 'must be WIDTHxHEIGHT, e.g. 1280x720')
  .transform((text) => {
    const [width = 0, height = 0] = text.toLowerCase().split('x').map(Number);
    return { width, height };
  });

/** A decimal is the fraction that is meant: 23.976 is 24000/1001. */
const FpsSchema = z
  .string()
  .regex(/^(\d+(\.\d+)?|\d+\/\d+)$/, 'must be a number such as 24 or a fraction such as 30000/1001')
  .transform((text) => {
    const [num = 0, den] = text.split('/').map(Number);
    return den === undefined ? num : { num, den };
  });

/** Raw formats of ffmpeg: its demuxers of samples without a header. */
const rawSoundFormats = [
  ...[
    's8',
    'u8',
    's16le',
    's16be',
    'u16le',
    'u16be',
    's24le',
    's24be',
    'u24le',
    'u24be',
    's32le',
    's32be',
    'u32le',
  ],
  ...['u32be', 'f32le', 'f32be', 'f64le', 'f64be', 'alaw', 'mulaw'],
] as const;

const OptionsSchema = z.object({
  size: SizeSchema.optional(),
  fps: FpsSchema.optional(),
  audio: z.string().optional(),
  audioFormat: z.enum(rawSoundFormats, `must be one of ${rawSoundFormats.join(', ')}`).optional(),
  audioRate: positiveInteger.optional(),
  audioChannels: positiveInteger.optional(),
  output: z.string().optional(),
  ...encoderOptionShape,
  initOnly: z.boolean().default(false),
  stats: z.boolean().default(false),
  json: z.boolean().default(false),
});

export interface EncodeCommandOptions {
  /** Unset where the frames say it. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
  readonly fps: EncodeOptions['fps'] | undefined;
  readonly encoder: ReturnType<typeof encoderOptions>;
  readonly audio: string | undefined;
  readonly rawSound: RawSound | undefined;
  readonly output: string | undefined;
  readonly initOnly: boolean;
  readonly stats: boolean;
  readonly json: boolean;
}

/** Throws `usage` with every problem. */
export function readEncodeOptions(options: Readonly<Record<string, unknown>>): EncodeCommandOptions {
  const result = OptionsSchema.safeParse(options);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => {
      const key = String(issue.path[0] ?? '');
      return `${flagOf(key)} "${String(options[key])}" ${issue.message}`;
    });
    throw new FastVideoError('usage', `${problems.join('; ')}.`);
  }
  const {
    size,
    fps,
    audio,
    audioFormat,
    audioRate,
    audioChannels,
    output,
    initOnly,
    stats,
    json,
    ...encoder
  } = result.data;
  for (const [one, other] of exclusiveOptions) {
    if (encoder[one] === undefined || encoder[other] === undefined) continue;
    throw new FastVideoError(
      'usage',
      `${flagOf(one)} and ${flagOf(other)} exclude each other; set only one of them.`,
    );
  }
  const asked = {
    size,
    fps,
    encoder: encoderOptions(encoder, process.env),
    audio,
    rawSound: readRawSound({ audio, audioFormat, audioRate, audioChannels }),
    output,
    initOnly,
    stats: stats || json,
    json,
  };
  checkPlan(asked);
  return asked;
}

type SoundOptions = Pick<
  z.output<typeof OptionsSchema>,
  'audio' | 'audioFormat' | 'audioRate' | 'audioChannels'
>;

function readRawSound(rest: SoundOptions): RawSound | undefined {
  const { audio, audioFormat: format, audioRate, audioChannels } = rest;
  if (format !== undefined && audio !== undefined) {
    return { format, sampleRate: audioRate ?? 48_000, channels: audioChannels ?? 2 };
  }
  if (format !== undefined) throw new FastVideoError('usage', '--audio-format needs --audio.');
  if (audioRate === undefined && audioChannels === undefined) return undefined;
  throw new FastVideoError(
    'usage',
    '--audio-rate and --audio-channels need --audio-format, the format of the raw samples, e.g. s16le.',
  );
}

/** What the encoder would refuse is a wrong option here. */
function checkPlan({ size, fps, encoder }: EncodeCommandOptions): void {
  // Where the frames say their size, any will do.
  const { width, height } = size ?? { width: 16, height: 16 };
  asUsage(() => planEncode({ width, height, fps: fps ?? defaultFps, ...encoder.settings }));
}

/** What cannot be encoded as it was asked for is wrong usage here. */
export function asUsage<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FastVideoError) || error.code !== 'input_invalid') throw error;
    throw new FastVideoError('usage', error.message, { cause: error });
  }
}

function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
