import type { CommandHandler } from './command-definition.ts';
import { bashCompletion } from './completion/bash.ts';
import { completionTable } from './completion/completion-table.ts';
import { fishCompletion } from './completion/fish.ts';
import { zshCompletion } from './completion/zsh.ts';

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export const run: CommandHandler['run'] = async (_options, args, { commands }) => {
  const shell = args[0] === 'zsh' || args[0] === 'fish' ? args[0] : 'bash';
  process.stdout.write(scripts[shell](completionTable(commands)));
  return 0;
};
