import type { CommandDefinition } from './command-definition.ts';
import { exitCodes } from './exit-codes.ts';

export const completionCommand: CommandDefinition = {
  name: 'completion',
  description: 'Print a script that completes commands, options and config keys in a shell',
  argument: { name: 'shell', description: 'the shell', choices: ['bash', 'zsh', 'fish'] },
  options: [],
  examples: [
    'source <(fastvideo completion bash)',
    'fastvideo completion zsh > ~/.zfunc/_fastvideo',
    'fastvideo completion fish > ~/.config/fish/completions/fastvideo.fish',
  ],
  exitCodes: exitCodes({
    done: 'printed',
    failed: 'stdout cannot be written',
    usage: 'wrong usage: no such shell',
  }),
  load: () => import('./completion.ts'),
};
