import type { CommandHandler } from './command-definition.ts';
import { runRouter } from './router/run-router.ts';

export const run: CommandHandler['run'] = runRouter;
