import type { OptionDefinition } from '../command-definition.ts';

/** As `streaming.encoder` of a config has them. */
export const encoderOptionDefinitions: readonly OptionDefinition[] = [
  { flags: '--backend <name>', description: 'the encoder to use: auto, libav or ffmpeg', default: 'auto' },
  {
    flags: '--codec <name>',
    description:
      "FFmpeg's name of the video encoder, e.g. h264_nvenc (default: FASTVIDEO_VIDEO_CODEC, otherwise libx264)",
  },
  { flags: '--preset <name>', description: 'preset of the codec (default: the fastest one, e.g. ultrafast)' },
  { flags: '--tune <name>', description: 'tuning of the codec, or none (default for x264: zerolatency)' },
  { flags: '--profile <name>', description: 'H.264 profile, e.g. baseline' },
  { flags: '--pixel-format <name>', description: 'pixel format of the output (default: yuv420p)' },
  { flags: '--gop-seconds <s>', description: 'time between two key frames (default: 1)' },
  { flags: '--gop <frames>', description: 'frames between two key frames' },
  { flags: '--crf <number>', description: 'constant quality, 0 (best) to 51 (default for x264: 23)' },
  { flags: '--bitrate <bits>', description: 'bit rate of the video in bits per second, instead of --crf' },
  {
    flags: '--fragment-ms <ms>',
    description: 'length of video in one fragment of the output (default: 100)',
  },
  { flags: '--fragment-duration <ms>', description: 'older name of --fragment-ms' },
  {
    flags: '--ffmpeg <path>',
    description: 'the ffmpeg to run (default: FASTVIDEO_FFMPEG_BIN, otherwise chosen by picture size)',
  },
  {
    flags: '--ffmpeg-arg <arg...>',
    description: 'more arguments for the video encoder; write --ffmpeg-arg=-refs --ffmpeg-arg=2',
  },
];
