import { FastVideoError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { wantsUpload } from './codec-options.ts';
import { codecIn, defaultCodec, defaultPixelFormat, planEncode } from './encode-plan.ts';
import type { Encoder, EncoderSettings } from './encoder.ts';
import { binaryVariable, checkFfmpegBinary } from './ffmpeg/binary.ts';
import { createFfmpegEncoder } from './ffmpeg/ffmpeg-encoder.ts';
import { createJpegEncoder } from './ffmpeg/jpeg-encoder.ts';
import type { JpegEncoder } from './jpeg-encoder.ts';
import { createLibavEncoder } from './libav/libav-encoder.ts';
import { loadLibav } from './libav/load-libav.ts';
import { trialFailure } from './trial.ts';

export interface EncodersOptions {
  /**
   * `libav`: in this process, through the optional package `node-av`. `ffmpeg`: child processes. `auto`, the default:
   * `libav` where it loads, knows the codec, and nothing is asked for that only an ffmpeg has: a path of one, or
   * further arguments.
   */
  readonly backend?: 'auto' | 'libav' | 'ffmpeg' | undefined;
  /** The ffmpeg to run; default `FASTVIDEO_FFMPEG_BIN`, else the bundled or the system's, by picture size. */
  readonly ffmpegPath?: string | undefined;
  /** What will come with the frames of every segment. */
  readonly settings?: EncoderSettings;
  /** Whether ffmpeg gets a process group of its own; default true. */
  readonly ownGroup?: boolean;
  readonly logger?: Logger;
  /** How errors call the options; default the keys of a config. */
  readonly optionNames?: typeof configKeys;
}

const configKeys = {
  backend: 'streaming.encoder.backend',
  codec: 'streaming.encoder.codec',
  pixelFormat: 'streaming.encoder.pixel_format',
  profile: 'streaming.encoder.profile',
  extraArgs: 'streaming.encoder.extra_args',
  all: 'streaming.encoder',
};

/** One encoder for each stream mode. */
export interface Encoders {
  /** What encodes the fragments. */
  readonly backend?: 'libav' | 'ffmpeg';
  readonly fragments: Encoder;
  readonly jpegs: JpegEncoder;
  /** What `fragments` encodes with, and why, e.g. `libav, libx264 (node-av is installed)`. */
  readonly description: string;
}

interface Candidate {
  readonly name: 'libav' | 'ffmpeg';
  /** Undefined where the operator named it. */
  readonly why: string | undefined;
  create(): Encoder;
}

/**
 * Throws `config_invalid` where `libav` is asked for and cannot be used, where the settings contradict the codec, and
 * where another codec, pixel format or profile than the usual one, or further arguments of libav, fail on three frames.
 */
export async function createEncoders(options: EncodersOptions = {}): Promise<Encoders> {
  const { settings = {}, ffmpegPath, ownGroup, optionNames = configKeys } = options;
  const { codec } = checkedCodec(settings, optionNames.all);
  const failures: string[] = [];
  for (const { name, why, create } of await candidates(options, codec)) {
    if (name === 'ffmpeg') checkFfmpegBinary(ffmpegPath, 0);
    const fragments = create();
    const isTried = asksForMore(settings, name);
    const failure = isTried ? await trialFailure(fragments, settings) : undefined;
    if (failure === undefined) {
      const reason = failures[0] === undefined ? why : `libav does not work: ${failures[0]}`;
      return {
        backend: name,
        fragments,
        jpegs: createJpegEncoder({
          ...(ffmpegPath === undefined ? {} : { ffmpegPath }),
          ...(ownGroup === undefined ? {} : { ownGroup }),
        }),
        description: `${name}, ${codec}${reason === undefined ? '' : ` (${reason})`}`,
      };
    }
    failures.push(failure);
    await fragments.close();
  }
  throw new FastVideoError(
    'config_invalid',
    `The encoder ${codec} does not work here: ${failures.join(' ')} ${remedy(settings, codec, optionNames)}`,
  );
}

function checkedCodec(settings: EncoderSettings, name: string): { readonly codec: string } {
  try {
    return planEncode({ ...settings, width: 64, height: 64, fps: 24 });
  } catch (error) {
    if (!(error instanceof FastVideoError)) throw error;
    throw new FastVideoError('config_invalid', `${name}: ${error.message}`, { cause: error });
  }
}

/** Whether something is asked for that not every encoder does. */
function asksForMore(settings: EncoderSettings, name: Candidate['name']): boolean {
  const { codec, extraArgs } = codecIn(settings);
  const { pixelFormat = defaultPixelFormat, profile } = settings;
  return (
    codec !== defaultCodec ||
    pixelFormat !== defaultPixelFormat ||
    profile !== undefined ||
    // An ffmpeg knows all of them.
    (name === 'libav' && extraArgs.length > 0)
  );
}

function remedy(settings: EncoderSettings, codec: string, names: typeof configKeys): string {
  const { extraArgs } = codecIn(settings);
  const { pixelFormat = defaultPixelFormat, profile } = settings;
  if (codec !== defaultCodec)
    return `Set ${names.codec} to ${defaultCodec}, or FASTVIDEO_VIDEO_CODEC if that is where it comes from.`;
  const suspects = [
    ...(pixelFormat === defaultPixelFormat ? [] : [`${names.pixelFormat} (${pixelFormat})`]),
    ...(profile === undefined ? [] : [`${names.profile} (${profile})`]),
    ...(extraArgs.length === 0 ? [] : [`${names.extraArgs} (${extraArgs.join(' ')})`]),
  ];
  return `Correct ${suspects.join(' or ')}.`;
}

/** Those that may encode, the preferred one first. */
async function candidates(options: EncodersOptions, codec: string): Promise<readonly Candidate[]> {
  const { backend = 'auto', ffmpegPath, ownGroup, logger, settings, optionNames = configKeys } = options;
  const shared = logger ? { logger } : {};
  const ffmpeg = (why: string | undefined): Candidate => ({
    name: 'ffmpeg',
    why,
    create: () =>
      createFfmpegEncoder({
        ...shared,
        ...(ffmpegPath === undefined ? {} : { ffmpegPath }),
        ...(ownGroup === undefined ? {} : { ownGroup }),
      }),
  });
  if (backend === 'ffmpeg') return [ffmpeg(undefined)];
  const asksForFfmpeg = wishForFfmpeg(ffmpegPath, settings, codec);
  if (backend === 'auto' && asksForFfmpeg !== undefined) return [ffmpeg(asksForFfmpeg)];
  if (wantsUpload(codec)) {
    throw unusable(`it cannot run ${codec}`, `set ${optionNames.backend} to ffmpeg`);
  }
  const av = await loadLibav();
  if (typeof av === 'string') {
    if (backend === 'auto') return [ffmpeg('the package node-av is not installed or does not load')];
    throw unusable(av, `install the package node-av, or set ${optionNames.backend} to auto`);
  }
  const create = () => createLibavEncoder(av, shared);
  if (backend === 'libav') return [{ name: 'libav', why: undefined, create }];
  return [{ name: 'libav', why: 'node-av is installed', create }, ffmpeg(undefined)];
}

function wishForFfmpeg(
  ffmpegPath: string | undefined,
  settings: EncoderSettings | undefined,
  codec: string,
): string | undefined {
  if (ffmpegPath) return 'its path is set';
  if (process.env[binaryVariable]) return `${binaryVariable} is set`;
  if (codecIn(settings ?? {}).extraArgs.length > 0) return 'there are extra arguments';
  return wantsUpload(codec) ? `${codec} needs it` : undefined;
}

function unusable(why: string, what: string): FastVideoError {
  return new FastVideoError('config_invalid', `The encoder libav cannot be used (${why}): ${what}.`);
}
