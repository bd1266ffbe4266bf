import {
  commandDefaults,
  derivedValues,
  embeddedCaps,
  embeddedDefaults,
  evenSizes,
  type ServeCommand,
} from './command-defaults.ts';
import { encoderVariableLayers } from './encoder-variables.ts';
import { findConfigFile, readConfigFile } from './find-config-file.ts';
import { composeConfig, type LoadedConfig } from './load-config.ts';
import type { Override } from './overrides.ts';
import { type ServeConfig, ServeConfigSchema } from './serve-schema/serve-config.ts';

export interface LoadOptions {
  readonly command: ServeCommand;
  /** The file that `--config` names. Unset: one is looked for. */
  readonly configPath?: string;
  /** Where paths and the search start; default the working directory. */
  readonly cwd?: string;
  /** From `parseOverrides`; a later one wins. */
  readonly overrides?: readonly Override[];
  /** `HOME` ends the search for a file; FastVideo's variables set the encoder. Default the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export type LoadedServeConfig = LoadedConfig<ServeConfig>;

/**
 * The config of `serve` and `mock`: the file (named, else found, else the embedded defaults), then the overrides,
 * checked as a whole and frozen.
 *
 * @throws `config_invalid` with every problem, one a line
 */
export async function loadServeConfig(options: LoadOptions): Promise<LoadedServeConfig> {
  const { command, configPath, cwd = process.cwd(), overrides = [], env = process.env } = options;
  const file =
    configPath === undefined ? await findConfigFile(cwd, env) : await readConfigFile(configPath, cwd);
  return composeConfig({
    schema: ServeConfigSchema,
    file,
    withoutFile: overrides.length > 0 ? 'embedded defaults and the command line' : 'embedded defaults',
    defaults: [commandDefaults(command), ...(file ? [] : [embeddedDefaults(command)])],
    overrides,
    env,
    derive: (tree) => [
      ...(file ? [] : embeddedCaps(tree)),
      ...evenSizes(tree),
      ...derivedValues(command, tree),
      ...encoderVariableLayers(tree, env),
    ],
  });
}
