import type { CommandDefinition } from './command-definition.ts';
import { exitCodes } from './exit-codes.ts';

export const initCommand: CommandDefinition = {
  name: 'init',
  description: 'Write a config file with every key, its description and its default',
  argument: {
    name: 'command',
    description: 'the command that the file is for',
    choices: ['serve', 'router'],
    default: 'serve',
  },
  options: [
    {
      flags: '-o, --output <file>',
      description: 'YAML file to write, - for stdout (default: serve.yaml or router.yaml)',
    },
    { flags: '--force', description: 'replace an existing file' },
  ],
  examples: [
    'fastvideo init && fastvideo serve --config serve.yaml',
    'fastvideo init router && fastvideo router --config router.yaml',
    'fastvideo init serve --output - | less',
  ],
  exitCodes: exitCodes({
    done: 'written',
    failed: 'the file exists already, or cannot be written',
    usage: 'wrong usage: an option or an argument',
  }),
  load: () => import('./init.ts'),
};
