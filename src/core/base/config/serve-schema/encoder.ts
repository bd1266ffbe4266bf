import { z } from 'zod';
import { text } from './quantities.ts';

export const EncoderSchema = z
  .strictObject({
    backend: z.enum(['auto', 'libav', 'ffmpeg']).default('auto').meta({
      description:
        'What encodes. `libav`: x264 in the process of the worker, through the optional package node-av; the cheapest. `ffmpeg`: child processes. `auto`: `libav` where it loads and neither `extra_args`, `ffmpeg_path` nor `FASTVIDEO_FFMPEG_BIN` asks for an ffmpeg.',
    }),
    preset: z.string().min(1).default('ultrafast').meta({ description: 'x264 preset.' }),
    pixel_format: z.string().min(1).default('yuv420p').meta({ description: 'Pixel format of the output.' }),
    profile: text('H.264 profile.', { defaultNote: 'what the encoder picks' }),
    gop: z.int().min(1).max(10_000).optional().meta({
      description: 'Frames from one key frame to the next.',
      unit: 'frames',
      defaultNote: "one second's worth",
    }),
    fragment_duration_ms: z.int().min(1).max(60_000).default(100).meta({
      description: 'How much video goes into one media chunk.',
      unit: 'milliseconds',
    }),
    extra_args: z.array(z.string()).default([]).meta({
      description: 'Further output arguments for ffmpeg, e.g. `["-crf", "20"]`.',
    }),
    ffmpeg_path: text('The ffmpeg to run.', {
      defaultNote: '`FASTVIDEO_FFMPEG_BIN`, else the one that is installed',
    }),
  })
  .refine(({ backend, extra_args: args }) => backend !== 'libav' || args.length === 0, {
    path: ['extra_args'],
    message: 'must be empty where backend is libav, which takes no arguments of ffmpeg',
  })
  .meta({ description: 'How the frames are encoded.' });
