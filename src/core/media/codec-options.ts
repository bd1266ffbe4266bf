import { FastVideoError } from '../base/errors.ts';

/** An option of a codec by the name that FFmpeg's libraries and its command line both know. */
export type CodecOption = readonly [name: string, value: string];

/** What may be asked of a video encoder; unset: the codec's default. */
export interface CodecWishes {
  /** FFmpeg's name of the encoder, e.g. `libx264` or `h264_nvenc`. */
  readonly codec: string;
  readonly preset?: string | undefined;
  /** `none` for no tuning. */
  readonly tune?: string | undefined;
  readonly profile?: string | undefined;
  /** Constant quality: 0 is the best. Not with `bitrate`. */
  readonly crf?: number | undefined;
  /** Bits a second. Not with `crf`. */
  readonly bitrate?: number | undefined;
  /** Frames from one key frame to the next. */
  readonly gop: number;
}

/** What encoders of one kind know. A list that is missing: the encoder has no such option, or checks it itself. */
interface Family {
  readonly presets?: readonly string[];
  readonly preset?: string;
  readonly tunes?: readonly string[];
  readonly tune?: string;
  readonly profiles?: readonly string[] | 'any';
  /** Constant quality; `undefined` is the default's. Missing: the encoder has none. */
  readonly quality?: (crf: number | undefined) => readonly CodecOption[];
  readonly rate: (bitrate: number) => readonly CodecOption[];
  /** Against pictures that are held back. */
  readonly lowDelay: readonly CodecOption[];
}

/** As `x264 --fullhelp` lists them. */
const x264Presets = [
  'ultrafast',
  'superfast',
  'veryfast',
  'faster',
  'fast',
  'medium',
  'slow',
  'slower',
  'veryslow',
  'placebo',
];
const x264Tunes = ['film', 'animation', 'grain', 'stillimage', 'psnr', 'ssim', 'fastdecode', 'zerolatency'];
const x264Profiles = ['baseline', 'main', 'high', 'high10', 'high422', 'high444'];

/** Never above the target for longer than a second. */
function capped(bitrate: number): CodecOption[] {
  return ['b', 'maxrate', 'bufsize'].map((name) => [name, String(bitrate)]);
}

const x264: Family = {
  presets: x264Presets,
  preset: 'ultrafast',
  tunes: x264Tunes,
  tune: 'zerolatency',
  profiles: x264Profiles,
  quality: (crf) => (crf === undefined ? [] : [['crf', String(crf)]]),
  rate: capped,
  lowDelay: [],
};

const x265: Family = {
  ...x264,
  tunes: ['psnr', 'ssim', 'grain', 'animation', 'fastdecode', 'zerolatency'],
  profiles: 'any',
  // It writes to stderr on its own.
  lowDelay: [['x265-params', 'log-level=none']],
};

/** `ffmpeg -h encoder=h264_nvenc`. The defaults are those of FastVideo. */
const nvenc: Family = {
  presets: ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7'],
  preset: 'p1',
  tunes: ['hq', 'll', 'ull', 'lossless'],
  tune: 'ull',
  profiles: ['baseline', 'main', 'high', 'high444p'],
  quality: (crf = 28) => [
    ['rc', 'constqp'],
    ['qp', String(crf)],
  ],
  rate: (bitrate) => [['rc', 'cbr'], ...capped(bitrate)],
  lowDelay: [
    ['zerolatency', '1'],
    ['delay', '0'],
  ],
};

/** `ffmpeg -h encoder=h264_qsv`. */
const qsv: Family = {
  presets: ['veryfast', 'faster', 'fast', 'medium', 'slow', 'slower', 'veryslow'],
  preset: 'veryfast',
  profiles: ['baseline', 'main', 'high'],
  quality: (crf = 25) => [['global_quality', String(crf)]],
  rate: capped,
  lowDelay: [['async_depth', '1']],
};

/** `ffmpeg -h encoder=h264_vaapi`. */
const vaapi: Family = {
  profiles: ['constrained_baseline', 'main', 'high'],
  quality: (crf = 25) => [
    ['rc_mode', 'CQP'],
    ['qp', String(crf)],
  ],
  rate: (bitrate) => [['rc_mode', 'CBR'], ...capped(bitrate)],
  lowDelay: [],
};

/** Any other encoder gets only what all of them know. */
const other: Family = { profiles: 'any', rate: (bitrate) => [['b', String(bitrate)]], lowDelay: [] };

function familyOf(codec: string): Family {
  if (codec === 'libx264' || codec === 'libx264rgb') return x264;
  if (codec === 'libx265') return x265;
  if (codec.endsWith('_nvenc')) return nvenc;
  if (codec.endsWith('_qsv')) return qsv;
  if (codec.endsWith('_vaapi')) return vaapi;
  return other;
}

/** Whether its pictures have to be brought to the GPU before it. */
export function wantsUpload(codec: string): boolean {
  return codec.endsWith('_vaapi');
}

/** The pixel format that the encoder takes for pictures of the one that is asked for: some know 4:2:0 only as NV12. */
export function inputFormat(codec: string, pixelFormat: string): string {
  const family = familyOf(codec);
  return (family === qsv || family === vaapi) && pixelFormat === 'yuv420p' ? 'nv12' : pixelFormat;
}

/**
 * The codec's options for what is wished. Pictures never leave in another order than they came in: no B-frames. Throws
 * `input_invalid` with one line that names the option, the value and what the codec knows.
 */
export function codecOptions(wishes: CodecWishes): CodecOption[] {
  const { codec, crf, bitrate, gop } = wishes;
  const family = familyOf(codec);
  const preset = named('preset', wishes.preset, family.presets, family.preset, codec);
  const tune = named('tune', wishes.tune, family.tunes, family.tune, codec);
  const profile = named('profile', wishes.profile, family.profiles, undefined, codec);
  if (crf !== undefined && bitrate !== undefined) {
    throw invalid(`crf ${crf} and bitrate ${bitrate} exclude each other; set only one of them.`);
  }
  if (crf !== undefined && !(crf >= 0 && crf <= 51)) {
    throw invalid(`The crf ${crf} is not valid: it must be from 0 (best) to 51.`);
  }
  if (bitrate !== undefined && !(Number.isInteger(bitrate) && bitrate >= 1000)) {
    throw invalid(
      `The bitrate ${bitrate} is not valid: it must be a whole number of at least 1000 bits per second.`,
    );
  }
  if (crf !== undefined && !family.quality) {
    throw invalid(`The codec '${codec}' has no crf: remove it, or set a bitrate.`);
  }
  if (crf !== undefined && family.preset !== 'ultrafast' && !Number.isInteger(crf)) {
    throw invalid(`The crf ${crf} is not valid: the codec '${codec}' takes whole numbers.`);
  }
  return [
    ...(preset === undefined ? [] : [['preset', preset] as const]),
    ...(tune === undefined ? [] : [['tune', tune] as const]),
    ...(profile === undefined ? [] : [['profile', profile] as const]),
    ...(bitrate === undefined ? (family.quality?.(crf) ?? []) : family.rate(bitrate)),
    ...family.lowDelay,
    ['g', String(gop)],
    ['bf', '0'],
  ];
}

function named(
  name: string,
  value: string | undefined,
  known: readonly string[] | 'any' | undefined,
  fallback: string | undefined,
  codec: string,
): string | undefined {
  if (value === undefined) return fallback;
  if (name === 'tune' && value === 'none') return undefined;
  if (known === 'any') return value;
  if (!known) throw invalid(`The codec '${codec}' has no ${name}: remove it (it is '${value}').`);
  // x264 takes several tunes at once.
  const parts = name === 'tune' ? value.split(',') : [value];
  for (const part of parts) {
    if (known.includes(part)) continue;
    throw invalid(
      `The ${name} '${part}' is not known to the codec '${codec}': use one of ${known.join(', ')}.`,
    );
  }
  return value;
}

function invalid(message: string): FastVideoError {
  return new FastVideoError('input_invalid', message);
}
