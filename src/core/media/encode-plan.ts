import { FastVideoError } from '../base/errors.ts';
import { type CodecOption, codecOptions, inputFormat } from './codec-options.ts';
import type { EncodeOptions } from './encoder.ts';
import { type FrameRate, frameRate } from './frame-rate.ts';
import { type RawFormat, rawFrameBytes } from './raw-format.ts';

/** `EncodeOptions` checked and with every default in its place. */
export interface EncodePlan {
  readonly width: number;
  readonly height: number;
  readonly sourceFormat: RawFormat;
  readonly fullRange: boolean;
  readonly frameBytes: number;
  readonly fps: FrameRate;
  readonly codec: string;
  /** Of the codec, whichever backend encodes. */
  readonly codecOptions: readonly CodecOption[];
  /** As the codec takes it. */
  readonly pixelFormat: string;
  readonly fragmentDurationMs: number;
  readonly extraArgs: readonly string[];
  readonly audio: AudioPlan | undefined;
}

export interface AudioPlan {
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  /** Bits a second. */
  readonly bitrate: number;
}

export const defaultCodec = 'libx264';
export const defaultPixelFormat = 'yuv420p';

/** The sample rates that AAC knows (ISO/IEC 14496-3, table 1.18). */
export const aacSampleRates: readonly number[] = [
  8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000,
];
/** The largest picture that an H.264 level allows a side of is smaller; this only stops nonsense. */
const largestSide = 16_384;

/** Throws `input_invalid`, with one line that names the option, for what cannot be encoded. */
export function planEncode(options: EncodeOptions): EncodePlan {
  const { width, height, sourceFormat = 'rgb24' } = options;
  const fps = frameRate(options.fps);
  const { codec, extraArgs } = codecIn(options);
  const pixelFormat = options.pixelFormat ?? defaultPixelFormat;
  checkSize(width, height, pixelFormat);
  const { preset, tune, profile, crf, bitrate } = options;
  return {
    width,
    height,
    sourceFormat,
    fullRange: options.fullRange ?? false,
    frameBytes: rawFrameBytes(sourceFormat, width, height),
    fps,
    codec,
    codecOptions: codecOptions({ codec, preset, tune, profile, crf, bitrate, gop: gopOf(options, fps) }),
    pixelFormat: inputFormat(codec, pixelFormat),
    fragmentDurationMs: positive('fragment duration', options.fragmentDurationMs ?? 100),
    extraArgs,
    audio: options.audio && planAudio(options.audio),
  };
}

/** The codec may also stand in the further arguments, and is taken from there then. */
export function codecIn({
  codec = defaultCodec,
  extraArgs = [],
}: Pick<EncodeOptions, 'codec' | 'extraArgs'>): {
  readonly codec: string;
  readonly extraArgs: readonly string[];
} {
  const at = extraArgs.findLastIndex((argument) => /^-(c|codec)(:v.*)?$|^-vcodec$/.test(argument));
  const named = at === -1 ? undefined : extraArgs[at + 1];
  if (named === undefined) return { codec, extraArgs };
  return codecIn({ codec: named, extraArgs: extraArgs.toSpliced(at, 2) });
}

function gopOf({ gop, gopSeconds = 1 }: EncodeOptions, fps: FrameRate): number {
  if (gop !== undefined) return wholeFrom1('GOP', gop);
  return Math.max(1, Math.round((positive('GOP duration', gopSeconds) * fps.num) / fps.den));
}

/** Whether the output has values from 0 to 255. swscale takes grey for that, and gives the limited range of video. */
export function isFullRange({ sourceFormat, fullRange }: EncodePlan): boolean {
  return fullRange && sourceFormat.startsWith('yuv');
}

function checkSize(width: number, height: number, pixelFormat: string): void {
  for (const [name, value] of Object.entries({ width, height })) {
    if (!Number.isInteger(value) || value < 1 || value > largestSide) {
      throw invalid(`The ${name} ${value} is not valid: it must be a whole number from 1 to ${largestSide}.`);
    }
  }
  const halvesHeight = /420|^nv12|^nv21/.test(pixelFormat);
  const halvesWidth = halvesHeight || /422|^nv16/.test(pixelFormat);
  if ((halvesWidth && width % 2 !== 0) || (halvesHeight && height % 2 !== 0)) {
    const needs = halvesHeight ? 'an even width and height' : 'an even width';
    const even = `${width + (width % 2)}x${height + (halvesHeight ? height % 2 : 0)}`;
    throw invalid(
      `The size ${width}x${height} does not fit the pixel format ${pixelFormat}, which needs ${needs}, e.g. ${even}.`,
    );
  }
}

function planAudio(audio: NonNullable<EncodeOptions['audio']>): AudioPlan {
  const { sampleRate, channels, bitrate = 64_000 * channels } = audio;
  if (!aacSampleRates.includes(sampleRate)) {
    throw invalid(
      `AAC does not support a sample rate of ${sampleRate} Hz: use one of ${aacSampleRates.join(', ')}.`,
    );
  }
  if (channels !== 1 && channels !== 2) throw invalid(`Sound has 1 or 2 channels, not ${String(channels)}.`);
  return { sampleRate, channels, bitrate: wholeFrom1('audio bitrate', bitrate) };
}

function wholeFrom1(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) {
    throw invalid(`The ${name} ${value} is not valid: it must be a whole number of at least 1.`);
  }
  return value;
}

function positive(name: string, value: number): number {
  if (!Number.isFinite(value) || value <= 0) {
    throw invalid(`The ${name} ${value} is not valid: it must be a number above 0.`);
  }
  return value;
}

function invalid(message: string): FastVideoError {
  return new FastVideoError('input_invalid', message);
}
