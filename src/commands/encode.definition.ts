import type { CommandDefinition } from './command-definition.ts';
import { encoderOptionDefinitions } from './encode/encoder-option-definitions.ts';
import { exitCodes } from './exit-codes.ts';

export const encodeCommand: CommandDefinition = {
  name: 'encode',
  description: 'Encode raw RGB24 frames or y4m from stdin into fragmented MP4 on stdout, as they arrive',
  options: [
    { flags: '-s, --size <WxH>', description: 'picture size in pixels, e.g. 1280x720; not needed for y4m' },
    {
      flags: '-r, --fps <rate>',
      description:
        'frames per second, e.g. 24, 23.976 or 24000/1001 (default: the rate of the y4m, otherwise 24)',
    },
    {
      flags: '-a, --audio <file>',
      description: 'file with the sound, in any format that ffmpeg reads: WAV, FLAC, MP3, ...',
    },
    {
      flags: '--audio-format <name>',
      description: 'ffmpeg name of the format of raw samples, e.g. s16le, s24le, f32le',
    },
    { flags: '--audio-rate <hz>', description: 'sample rate of raw samples (default: 48000)' },
    { flags: '--audio-channels <n>', description: 'channels of raw samples (default: 2)' },
    { flags: '-o, --output <file>', description: 'write to a file instead of stdout (-)' },
    ...encoderOptionDefinitions,
    { flags: '--init-only', description: 'write only the init segment (ftyp and moov)' },
    { flags: '--stats', description: 'print frames, bytes and frames per second on stderr at the end' },
    { flags: '--json', description: 'print the stats as JSON' },
  ],
  examples: [
    'ffmpeg -i in.mp4 -f rawvideo -pix_fmt rgb24 - | fastvideo encode --size 1280x720 --fps 24 > out.mp4',
    'ffmpeg -i in.mp4 -f yuv4mpegpipe - | fastvideo encode --audio in.mp4 -o out.mp4',
    'fastvideo encode --size 640x352 --fps 24000/1001 --audio speech.pcm --audio-format s16le < frames.rgb > out.mp4',
    'fastvideo encode --size 640x352 --audio voice.wav --stats -o out.mp4 < frames.rgb',
    'fastvideo encode --size 640x352 --init-only < frames.rgb > init.mp4',
  ],
  exitCodes: exitCodes({
    done: 'all frames were encoded, or the reader of stdout closed it',
    failed: 'the last frame is incomplete, the encoder failed, or the output cannot be written',
    usage:
      'wrong usage: an option, nothing on stdin, frames of a size that cannot be encoded, or a file of sound that is missing or contains no sound',
    interrupted: 'interrupted',
  }),
  load: () => import('./encode.ts'),
};
