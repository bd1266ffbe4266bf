import type { CommandDefinition } from './command-definition.ts';
import { serverExitCodes } from './exit-codes.ts';
import { serverOptions } from './server-options.ts';

export const serveCommand: CommandDefinition = {
  name: 'serve',
  description: 'Serve live video generated from prompts, with a playground page at /',
  options: serverOptions,
  examples: [
    'fastvideo serve',
    'fastvideo serve --config serve.yaml --server.port 8010',
    'fastvideo serve --streaming.pool.num_workers 2 --print-config',
  ],
  passThroughUnknown: true,
  exitCodes: serverExitCodes,
  load: () => import('./serve.ts'),
};
