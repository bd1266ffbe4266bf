import type { CommandDefinition } from './command-definition.ts';
import { exitCodes } from './exit-codes.ts';

export const streamCommand: CommandDefinition = {
  name: 'stream',
  description:
    'Send prompts from the arguments or from stdin, one per line, to a server; write one playable MP4 to stdout',
  takesPrompts: true,
  options: [
    {
      flags: '-u, --url <url>',
      description: 'address of the stream (ws://…/v1/stream) or of the server (http://…)',
      default: 'ws://127.0.0.1:8000/v1/stream',
    },
    {
      flags: '-o, --output <file>',
      description: 'write to a file instead of stdout (-), as the video is generated',
    },
    {
      flags: '--continuation <file>',
      description: 'continue from the state in the file, if it exists, and write the last state to it',
    },
    { flags: '--save-continuation <file>', description: 'write the last state to this file instead' },
    { flags: '--image <file>', description: 'PNG, JPEG or WebP picture from which the video starts' },
    { flags: '--seed <n>', description: 'seed of every segment' },
    { flags: '--negative-prompt <text>', description: 'what the video should not show' },
    { flags: '--preset <name>', description: 'preset of the server, one of its /curated-presets' },
    { flags: '--enhance', description: 'let the server enhance each prompt' },
    { flags: '--loop', description: 'start over with the first prompt after the last' },
    {
      flags: '--auto-extend',
      description: 'let the server continue with its own prompts after the last one',
    },
    { flags: '--single-clip', description: 'make every segment a separate clip' },
    {
      flags: '--realtime',
      description: 'generate no faster than it plays, for a stream that people watch live',
    },
    { flags: '--segments <n>', description: 'end after this many segments' },
    {
      flags: '--on-error <fail|skip>',
      description: 'what to do with a prompt that is blocked or keeps failing',
      default: 'fail',
      choices: ['fail', 'skip'],
    },
    {
      flags: '--reconnect-seconds <s>',
      description: 'how long to try to open the session again when there is none; waits for a worker count',
      default: '60',
    },
    { flags: '--api-key <key>', description: 'API key for the server (default: FASTVIDEO_API_KEY)' },
    {
      flags: '--json',
      description: 'print every text frame of the server and every event as a JSON line on stderr',
    },
  ],
  examples: [
    'fastvideo stream "a red fox in snow" "the fox looks up" -o film.mp4',
    'fastvideo stream --url http://gpu-box:8000 < prompts.txt | ffplay -',
    'fastvideo stream --realtime --loop "waves at dusk" | ffplay -',
    'fastvideo stream --loop "waves at dusk" --segments 20 --continuation waves.json -o waves.mp4',
  ],
  exitCodes: exitCodes({
    done: 'the film is complete, or the reader of stdout closed it',
    failed: 'the server is away or failed, or the output cannot be written',
    usage: 'wrong usage: an option, no prompt, or a file to read that is missing or unfit',
    blocked: 'a prompt was blocked; with --on-error skip only if no segment was generated',
    interrupted: 'interrupted',
  }),
  load: () => import('./stream.ts'),
};
