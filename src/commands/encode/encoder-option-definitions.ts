import type { OptionDefinition } from '../command-definition.ts';

/** As `streaming.encoder` of a config has them. */
export const encoderOptionDefinitions: readonly OptionDefinition[] = [
  { flags: '--backend <name>', description: 'what encodes: auto, libav or ffmpeg', default: 'auto' },
  {
    flags: '--codec <name>',
    description:
      "FFmpeg's name of the video encoder, e.g. h264_nvenc (default: FASTVIDEO_VIDEO_CODEC, else libx264)",
  },
  { flags: '--preset <name>', description: 'preset of the codec (default: its fastest, e.g. ultrafast)' },
  { flags: '--tune <name>', description: 'tuning of the codec, or none (default: zerolatency of x264)' },
  { flags: '--profile <name>', description: 'H.264 profile, e.g. baseline' },
  { flags: '--pixel-format <name>', description: 'pixel format of the output (default: yuv420p)' },
  { flags: '--gop-seconds <s>', description: 'seconds from one key frame to the next (default: 1)' },
  { flags: '--gop <frames>', description: 'the same in frames' },
  { flags: '--crf <number>', description: 'constant quality, 0 (best) to 51 (default: 23 of x264)' },
  { flags: '--bitrate <bits>', description: 'bits a second that the video may take, instead of --crf' },
  { flags: '--fragment-ms <ms>', description: 'video in one piece of output (default: 100)' },
  { flags: '--fragment-duration <ms>', description: 'older name of --fragment-ms' },
  {
    flags: '--ffmpeg <path>',
    description: 'the ffmpeg to run (default: FASTVIDEO_FFMPEG_BIN, else chosen by size)',
  },
  {
    flags: '--ffmpeg-arg <arg...>',
    description: 'further arguments for the video encoder; write --ffmpeg-arg=-refs --ffmpeg-arg=2',
  },
];
