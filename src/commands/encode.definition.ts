import type { CommandDefinition } from './command-definition.ts';
import { encoderOptionDefinitions } from './encode/encoder-option-definitions.ts';

export const encodeCommand: CommandDefinition = {
  name: 'encode',
  description: 'Turn raw RGB24 frames or y4m on stdin into fragmented MP4 on stdout, while they arrive',
  options: [
    { flags: '-s, --size <WxH>', description: 'picture size in pixels, e.g. 1280x720 (y4m says it itself)' },
    {
      flags: '-r, --fps <rate>',
      description: "frames a second, e.g. 24, 23.976 or 24000/1001 (default: y4m's, else 24)",
    },
    {
      flags: '-a, --audio <file>',
      description: 'sound, in any format that ffmpeg reads: WAV, FLAC, MP3, ...',
    },
    {
      flags: '--audio-format <name>',
      description: 'the sound is raw samples, e.g. s16le, s24le, f32le (names of ffmpeg)',
    },
    { flags: '--audio-rate <hz>', description: 'sample rate of raw samples (default: 48000)' },
    { flags: '--audio-channels <n>', description: 'channels of raw samples (default: 2)' },
    { flags: '-o, --output <file>', description: 'write to a file instead of stdout, which is -' },
    ...encoderOptionDefinitions,
    { flags: '--init-only', description: 'write the init segment (ftyp and moov) only' },
    { flags: '--stats', description: 'print frames, bytes and frames a second on stderr at the end' },
    { flags: '--json', description: 'print the stats as JSON' },
  ],
  examples: [
    'ffmpeg -i in.mp4 -f rawvideo -pix_fmt rgb24 - | fastvideo encode --size 1280x720 --fps 24 > out.mp4',
    'ffmpeg -i in.mp4 -f yuv4mpegpipe - | fastvideo encode --audio in.mp4 -o out.mp4',
    'fastvideo encode --size 640x352 --fps 24000/1001 --audio speech.pcm --audio-format s16le < frames.rgb > out.mp4',
    'fastvideo encode --size 640x352 --audio voice.wav --stats -o out.mp4 < frames.rgb',
    'fastvideo encode --size 640x352 --init-only < frames.rgb > init.mp4',
  ],
  load: () => import('./encode.ts'),
};
