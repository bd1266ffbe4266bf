import type { CommandHandler } from './command-definition.ts';
import { runServer } from './server/run-server.ts';

export const run: CommandHandler['run'] = (options, args, context) =>
  runServer('serve', options, args, context);
