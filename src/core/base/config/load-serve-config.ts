import { commandDefaults, derivedValues, embeddedDefaults, type ServeCommand } from './command-defaults.ts';
import { moduleLayer, type Parsed, parseFileLayer } from './file-layer.ts';
import { type ConfigFile, findConfigFile, readConfigFile } from './find-config-file.ts';
import { type Layer, mergeLayers } from './layer.ts';
import { leavesOf } from './mapping.ts';
import { overrideLayer } from './override-layer.ts';
import type { Override } from './overrides.ts';
import { type Problem, throwProblems } from './problem.ts';
import { type ServeConfig, ServeConfigSchema } from './serve-schema/serve-config.ts';
import { validate } from './validate.ts';

export interface LoadOptions {
  readonly command: ServeCommand;
  /** The file that `--config` names. Unset: one is looked for. */
  readonly configPath?: string;
  /** Where paths and the search start; default the working directory. */
  readonly cwd?: string;
  /** From `parseOverrides`; a later one wins. */
  readonly overrides?: readonly Override[];
  /** `HOME` ends the search for a file; default the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface LoadedServeConfig {
  readonly config: ServeConfig;
  /** Where each value is from, by dotted key: `default`, `embedded default`, `serve.yaml:12`, `--server.port`. */
  readonly origins: ReadonlyMap<string, string>;
  /** The file, or `embedded defaults`. */
  readonly source: string;
}

/**
 * The config of `serve` and `mock`: the file (named, else found, else the embedded defaults), then the overrides,
 * checked as a whole and frozen.
 *
 * @throws `config_invalid` with every problem, one a line
 */
export async function loadServeConfig(options: LoadOptions): Promise<LoadedServeConfig> {
  const { command, configPath, cwd = process.cwd(), overrides = [], env = process.env } = options;
  const file =
    configPath === undefined ? await findConfigFile(cwd, env.HOME) : await readConfigFile(configPath, cwd);
  const problems: Problem[] = [];
  const layers: Layer[] = [commandDefaults(command)];
  if (file) {
    const parsed = parseFile(file);
    problems.push(...parsed.problems);
    layers.push(parsed.layer);
  } else {
    layers.push(embeddedDefaults(command));
  }
  for (const override of overrides) {
    const layer = overrideLayer(override, ServeConfigSchema);
    if ('tree' in layer) layers.push(layer);
    else problems.push(layer);
  }
  layers.push(...derivedValues(command, mergeLayers(layers, ServeConfigSchema).tree));
  const merged = mergeLayers(layers, ServeConfigSchema);
  const result = validate(merged, ServeConfigSchema);
  if ('problems' in result) problems.push(...result.problems);
  throwProblems(problems);
  if ('problems' in result) throw new Error('a config with problems got through');

  const origins = new Map<string, string>();
  for (const { path } of leavesOf(result.config)) {
    origins.set(path.join('.'), merged.layerOf(path)?.origin(path) ?? 'default');
  }
  return { config: deepFreeze(result.config), origins, source: file?.name ?? 'embedded defaults' };
}

function parseFile(file: ConfigFile): Parsed {
  if ('text' in file) return parseFileLayer(file.text, file.name, ServeConfigSchema);
  return moduleLayer(file.exported, file.name);
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
