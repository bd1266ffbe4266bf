import type { CommandHandler } from './command-definition.ts';
import { manualPage } from './man/manual-page.ts';

export const run: CommandHandler['run'] = async (_options, _args, { commands }) => {
  process.stdout.write(manualPage(commands));
  return 0;
};
