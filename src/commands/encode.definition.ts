import type { CommandDefinition } from './command-definition.ts';
import { encoderOptionDefinitions } from './encode/encoder-option-definitions.ts';

export const encodeCommand: CommandDefinition = {
  name: 'encode',
  description: 'Turn raw RGB24 frames on stdin into fragmented MP4 on stdout, while they arrive',
  options: [
    { flags: '-s, --size <WxH>', description: 'picture size in pixels, e.g. 1280x720 (required)' },
    { flags: '-r, --fps <rate>', description: 'frames a second, e.g. 24 or 30000/1001', default: '24' },
    { flags: '-a, --audio <file.wav>', description: 'sound: 16-bit or float32 PCM, 1 or 2 channels' },
    { flags: '-o, --output <file>', description: 'write to a file instead of stdout' },
    ...encoderOptionDefinitions,
    { flags: '--init-only', description: 'write the init segment (ftyp and moov) only' },
    { flags: '--stats', description: 'print frames, bytes and frames a second on stderr at the end' },
    { flags: '--json', description: 'print the stats as JSON' },
  ],
  examples: [
    'ffmpeg -i in.mp4 -f rawvideo -pix_fmt rgb24 - | fastvideo encode --size 1280x720 --fps 24 > out.mp4',
    'fastvideo encode --size 640x352 --audio voice.wav --stats -o out.mp4 < frames.rgb',
    'fastvideo encode --size 640x352 --init-only < frames.rgb > init.mp4',
  ],
  load: () => import('./encode.ts'),
};
