import type { CommandDefinition } from './command-definition.ts';
import { serverExitCodes } from './exit-codes.ts';

export const routerCommand: CommandDefinition = {
  name: 'router',
  alias: 'router-serve',
  description: 'Put one address in front of several servers: probe them and relay each session to one',
  options: [
    {
      flags: '-c, --config <file>',
      description: 'YAML or JSON file with the replicas, read again when it changes; none is searched for',
    },
    {
      flags: '--host <host>',
      description: 'address to listen on (router.host; default 0.0.0.0, which other machines can reach)',
    },
    { flags: '-p, --port <port>', description: 'port to listen on, 0 picks a free one (router.port)' },
    {
      flags: '--print-config',
      description: 'print the effective config with the origin of each value, and exit',
    },
    { flags: '--check', description: 'check the config and the store address, and exit' },
  ],
  examples: [
    'fastvideo router --config router.yaml',
    'fastvideo router --config router.yaml --router.policy least_sessions --check',
    `fastvideo router --router.replicas '[{url: "http://gpu-a:8000"}, {url: "http://gpu-b:8000"}]'`,
  ],
  passThroughUnknown: true,
  exitCodes: serverExitCodes,
  load: () => import('./router.ts'),
};
