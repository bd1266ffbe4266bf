import { readConfigFile } from './find-config-file.ts';
import { composeConfig, type LoadedConfig } from './load-config.ts';
import type { Override } from './overrides.ts';
import { type RouterConfig, RouterConfigSchema } from './router-schema/router-config.ts';
import type { Environment } from './variables.ts';

interface LoadOptions {
  /** The file that `--config` names. Unset: there is none, and the overrides name the replicas. */
  readonly configPath?: string;
  /** Where paths start; default the working directory. */
  readonly cwd?: string;
  /** From `parseOverrides`; a later one wins. */
  readonly overrides?: readonly Override[];
  /** What `${NAME}` stands for; default the environment of the process. */
  readonly env?: Environment;
}

export type LoadedRouterConfig = LoadedConfig<RouterConfig>;

/**
 * The config of `router`: the file, then the overrides, checked as a whole and frozen. No file is searched for: what
 * could be found holds the config of `serve`.
 *
 * @throws `config_invalid` with every problem, one a line
 */
export async function loadRouterConfig(options: LoadOptions): Promise<LoadedRouterConfig> {
  const { configPath, cwd = process.cwd(), overrides = [], env = process.env } = options;
  return composeConfig({
    schema: RouterConfigSchema,
    file: configPath === undefined ? undefined : await readConfigFile(configPath, cwd),
    withoutFile: 'the command line',
    defaults: [],
    overrides,
    env,
  });
}
