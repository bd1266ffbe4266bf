import type { OptionDefinition } from './command-definition.ts';

/** The places of the search (find-config-file.ts) in their order. */
const configDescription =
  'YAML or JSON file to read. Without it the first of these in the working directory: fastvideo.config.yaml, .yml or .json, .fastvideorc, .fastvideorc.yaml, .yml or .json; else ~/.config/fastvideo/config, config.json, .yaml or .yml';

/** Options that `serve` and `mock` share; every config key is an option too, by its dotted name. */
export const serverOptions: readonly OptionDefinition[] = [
  { flags: '-c, --config <file>', description: configDescription },
  {
    flags: '--host <host>',
    description:
      'address to listen on (server.host); if other machines can reach it, set server.api_keys too',
  },
  { flags: '-p, --port <port>', description: 'port to listen on, 0 picks a free one (server.port)' },
  {
    flags: '--print-config',
    description: 'print the effective config with the origin of each value, and exit',
  },
  {
    flags: '--check',
    description:
      'check the config and the files, folders, keys and programs that it names, and exit; loads no model',
  },
  {
    flags: '--static <dir>',
    description: 'serve a built web app at / instead of the playground (server.static_dir)',
  },
  {
    flags: '--open',
    description: 'open the page in the browser as soon as the server listens',
  },
  {
    flags: '--dashboard',
    description: 'show live status in this terminal; the log goes to stderr only if stderr is redirected',
  },
];
