import type { CommandDefinition } from './command-definition.ts';

export const streamCommand: CommandDefinition = {
  name: 'stream',
  description:
    'Send prompts, as arguments or lines on stdin, to a server; one playable MP4 comes out on stdout',
  takesPrompts: true,
  options: [
    {
      flags: '-u, --url <url>',
      description: 'the stream (ws://…/v1/stream), or the server (http://…)',
      default: 'ws://127.0.0.1:8000/v1/stream',
    },
    {
      flags: '-o, --output <file>',
      description: 'write to a file instead of stdout (which is -), while it is made',
    },
    {
      flags: '--continuation <file>',
      description: 'go on from the state in the file, if it is there, and write the last state to it',
    },
    { flags: '--save-continuation <file>', description: 'write the last state to this file instead' },
    { flags: '--image <file>', description: 'PNG, JPEG or WebP that the video starts from' },
    { flags: '--seed <n>', description: 'seed of every segment' },
    { flags: '--negative-prompt <text>', description: 'what is not to be seen' },
    { flags: '--preset <name>', description: 'preset of the server' },
    { flags: '--enhance', description: 'have each prompt enhanced by the server' },
    { flags: '--loop', description: 'start over with the first prompt after the last' },
    { flags: '--auto-extend', description: 'have the server go on with prompts of its own after the last' },
    { flags: '--single-clip', description: 'make every segment a clip of its own' },
    { flags: '--segments <n>', description: 'end after so many segments' },
    {
      flags: '--on-error <fail|skip>',
      description: 'what to do with a prompt that is blocked, or fails again and again',
      default: 'fail',
      choices: ['fail', 'skip'],
    },
    {
      flags: '--reconnect-seconds <s>',
      description: 'how long to try to come back after a lost connection',
      default: '60',
    },
    { flags: '--api-key <key>', description: 'key that the server wants (default: FASTVIDEO_API_KEY)' },
    {
      flags: '--json',
      description: 'print every text frame of the server, and events, as JSON lines on stderr',
    },
  ],
  examples: [
    'fastvideo stream "a red fox in snow" "the fox looks up" -o film.mp4',
    'fastvideo stream --url http://gpu-box:8000 < prompts.txt | ffplay -',
    'fastvideo stream --loop "waves at dusk" --segments 20 --continuation waves.json -o waves.mp4',
  ],
  load: () => import('./stream.ts'),
};
