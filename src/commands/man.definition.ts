import type { CommandDefinition } from './command-definition.ts';
import { exitCodes } from './exit-codes.ts';

export const manCommand: CommandDefinition = {
  name: 'man',
  description: 'Print the manual page of fastvideo, for the program man',
  options: [],
  examples: ['fastvideo man | man -l -', 'fastvideo man > ~/.local/share/man/man1/fastvideo.1'],
  exitCodes: exitCodes({ done: 'printed', failed: 'stdout cannot be written', usage: 'wrong usage' }),
  load: () => import('./man.ts'),
};
