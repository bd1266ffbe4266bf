import { z } from 'zod';
import { text } from './quantities.ts';

const fragmentMs = z.int().min(1).max(60_000).optional();

export const EncoderSchema = z
  .strictObject({
    backend: z.enum(['auto', 'libav', 'ffmpeg']).default('auto').meta({
      description:
        'The encoder. `libav`: in the process of the worker, through the optional package node-av; the cheapest. `ffmpeg`: child processes. `auto`: `libav` if it loads, knows the codec and none of `extra_args`, `ffmpeg_path` and `FASTVIDEO_FFMPEG_BIN` requires ffmpeg.',
    }),
    codec: z
      .string()
      .refine((codec) => /^[a-z0-9_]+$/.test(codec), {
        error: "must be FFmpeg's name of a video encoder, e.g. libx264 or h264_nvenc",
      })
      .default('libx264')
      .meta({
        description:
          "FFmpeg's name of the video encoder: `libx264`, `h264_nvenc`, `h264_qsv`, `h264_vaapi` or another one. Any codec other than `libx264` is tried with three frames at start. The variable `FASTVIDEO_VIDEO_CODEC` applies if neither the file nor an option sets it.",
      }),
    preset: text('Preset of the codec.', {
      defaultNote: '`ultrafast` of x264, `p1` of NVENC, `veryfast` of Quick Sync; VAAPI has none',
    }),
    tune: text(
      'Tuning of the codec (for x264 also several, separated by commas); `none` for no tuning. A tuning that is not for low latency delays the pictures.',
      { defaultNote: '`zerolatency` of x264, `ull` of NVENC; the others have none' },
    ),
    profile: text('H.264 profile; tried with three frames at start.', {
      defaultNote: 'what the codec picks',
    }),
    pixel_format: z.string().min(1).default('yuv420p').meta({
      description:
        'Pixel format of the output. Any other than `yuv420p` is tried with three frames at start.',
    }),
    gop_seconds: z.number().min(0.001).max(600).optional().meta({
      description: 'Time from one key frame to the next, rounded to whole frames. Not with `gop`.',
      unit: 'seconds',
      defaultNote: '`1`',
    }),
    gop: z.int().min(1).max(10_000).optional().meta({
      description: 'Frames from one key frame to the next. Not with `gop_seconds`.',
      unit: 'frames',
      defaultNote: 'what `gop_seconds` says',
    }),
    fragment_ms: fragmentMs.meta({
      description: 'Length of video in one media chunk.',
      unit: 'milliseconds',
      defaultNote: '`100`',
    }),
    fragment_duration_ms: fragmentMs.meta({
      description: 'Older name of `fragment_ms`. Not together with it.',
      unit: 'milliseconds',
      defaultNote: 'what `fragment_ms` says',
    }),
    crf: z.number().min(0).max(51).optional().meta({
      description:
        'Constant quality; 0 is the best: `-crf` of x264, `-qp` of NVENC and VAAPI, `-global_quality` of Quick Sync. Not with `bitrate`.',
      defaultNote: '`23` of x264, `28` of NVENC, `25` of Quick Sync and VAAPI',
    }),
    bitrate: z.int().min(1000).max(1_000_000_000).optional().meta({
      description: 'Bit rate of the video, over each second of it. Not with `crf`.',
      unit: 'bits a second',
      defaultNote: 'constant quality',
    }),
    extra_args: z.array(z.string()).default([]).meta({
      description:
        'Further output arguments as ffmpeg\'s command line takes them, e.g. `["-x264-params", "ref=2"]`; with `backend: libav` only options of the codec, which are tried with three frames at the start.',
    }),
    ffmpeg_path: text('The ffmpeg to run.', {
      defaultNote: '`FASTVIDEO_FFMPEG_BIN`, otherwise the installed one',
    }),
  })
  .superRefine((encoder, context) => {
    for (const [key, other] of exclusive) {
      if (encoder[key] === undefined || encoder[other] === undefined) continue;
      context.addIssue({ code: 'custom', path: [key], message: `must not be set together with ${other}` });
    }
  })
  .meta({ description: 'How the frames are encoded.' });

const exclusive = [
  ['gop', 'gop_seconds'],
  ['fragment_duration_ms', 'fragment_ms'],
  ['crf', 'bitrate'],
] as const;
