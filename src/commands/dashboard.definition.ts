import type { CommandDefinition } from './command-definition.ts';
import { exitCodes } from './exit-codes.ts';

export const dashboardCommand: CommandDefinition = {
  name: 'dashboard',
  description:
    'Watch a server or a router live in the terminal; with output to a pipe, print its status once',
  options: [
    {
      flags: '-u, --url <url>',
      description: 'address of the server or router',
      default: 'http://127.0.0.1:8000',
    },
    { flags: '-i, --interval <seconds>', description: 'time between two polls', default: '1' },
    { flags: '--api-key <key>', description: 'API key for the server (default: FASTVIDEO_API_KEY)' },
    {
      flags: '--admin-token <token>',
      description: 'token with which the key d can drain the server (default: FASTVIDEO_ADMIN_TOKEN)',
    },
    { flags: '--json', description: 'print the status once, as JSON' },
  ],
  examples: [
    'fastvideo dashboard --url http://gpu-box:8000',
    'fastvideo dashboard --url http://router:9000 --interval 5',
    'fastvideo dashboard --json | jq .available_gpus',
  ],
  exitCodes: exitCodes({
    done: 'left with q or Ctrl-C, or printed once',
    failed: 'the server is away or refused, where the status is printed once',
    usage: 'wrong usage: an option',
    interrupted: 'interrupted',
  }),
  load: () => import('./dashboard.ts'),
};
