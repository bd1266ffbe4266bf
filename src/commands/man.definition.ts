import type { CommandDefinition } from './command-definition.ts';

export const manCommand: CommandDefinition = {
  name: 'man',
  description: 'Print the manual page of fastvideo, for the program man',
  options: [],
  examples: ['fastvideo man | man -l -', 'fastvideo man > ~/.local/share/man/man1/fastvideo.1'],
  load: () => import('./man.ts'),
};
