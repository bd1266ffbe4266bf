import { FastVideoError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Encoder } from './encoder.ts';
import { binaryVariable } from './ffmpeg/binary.ts';
import { createFfmpegEncoder } from './ffmpeg/ffmpeg-encoder.ts';
import { createJpegEncoder } from './ffmpeg/jpeg-encoder.ts';
import type { JpegEncoder } from './jpeg-encoder.ts';
import { createLibavEncoder } from './libav/libav-encoder.ts';
import { type Libav, loadLibav } from './libav/load-libav.ts';

export interface EncodersOptions {
  /**
   * `libav`: in this process, through the optional package `node-av`. `ffmpeg`: child processes. `auto`, the default:
   * `libav` where it loads and nothing is asked for that only an ffmpeg has: a path of one, or further arguments.
   */
  readonly backend?: 'auto' | 'libav' | 'ffmpeg' | undefined;
  /** The ffmpeg to run; default `FASTVIDEO_FFMPEG_BIN`, else the bundled or the system's, by picture size. */
  readonly ffmpegPath?: string | undefined;
  /** Whether further arguments for ffmpeg will come with the frames. */
  readonly hasExtraArgs?: boolean;
  /** Whether ffmpeg gets a process group of its own; default true. */
  readonly ownGroup?: boolean;
  readonly logger?: Logger;
}

/** One encoder for each stream mode. */
export interface Encoders {
  readonly fragments: Encoder;
  readonly jpegs: JpegEncoder;
}

/** Throws `start_failed` where `libav` is asked for and cannot be used. */
export async function createEncoders(options: EncodersOptions = {}): Promise<Encoders> {
  const { ffmpegPath, ownGroup, logger } = options;
  const ffmpeg = {
    ...(ffmpegPath === undefined ? {} : { ffmpegPath }),
    ...(ownGroup === undefined ? {} : { ownGroup }),
    ...(logger ? { logger } : {}),
  };
  const av = await chosenLibav(options);
  return {
    fragments: av ? createLibavEncoder(av, logger ? { logger } : {}) : createFfmpegEncoder(ffmpeg),
    jpegs: createJpegEncoder(ffmpeg),
  };
}

async function chosenLibav({
  backend = 'auto',
  ffmpegPath,
  hasExtraArgs = false,
}: EncodersOptions): Promise<Libav | undefined> {
  if (backend === 'ffmpeg') return undefined;
  const wantsFfmpeg = hasExtraArgs || Boolean(ffmpegPath ?? process.env[binaryVariable]);
  if (backend === 'auto' && wantsFfmpeg) return undefined;
  const av = await loadLibav();
  if (typeof av !== 'string') return av;
  if (backend === 'auto') return undefined;
  throw new FastVideoError(
    'start_failed',
    `The encoder libav cannot be used (${av}): install the package node-av, or set streaming.encoder.backend to auto.`,
  );
}
