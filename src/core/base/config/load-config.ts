import type { z } from 'zod';
import { moduleLayer, type Parsed, parseFileLayer } from './file-layer.ts';
import type { ConfigFile } from './find-config-file.ts';
import { type Layer, mergeLayers } from './layer.ts';
import { leavesOf, type Mapping } from './mapping.ts';
import { overrideLayer } from './override-layer.ts';
import type { Override } from './overrides.ts';
import { type Problem, throwProblems } from './problem.ts';
import type { Schema } from './schema-tree.ts';
import { validate } from './validate.ts';
import { type Environment, expandVariables } from './variables.ts';

type DeepReadonly<Value> = Value extends object
  ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
  : Value;

/** What loading a file of that schema gives: every default filled in, frozen to the last leaf. */
export type ConfigOf<FileSchema extends z.ZodType> = DeepReadonly<z.output<FileSchema>>;

export interface LoadedConfig<Config> {
  readonly config: Config;
  /** Where each value is from, by dotted key: `default`, `embedded default`, `serve.yaml:12`, `--server.port`. */
  readonly origins: ReadonlyMap<string, string>;
  /** What was given for a value that another one took the place of, the nearest that can be, by dotted key. */
  readonly replaced: ReadonlyMap<string, unknown>;
  /** The file, or what stands in its place. */
  readonly source: string;
  readonly schema: Schema;
  /** Texts with environment variables in them as they were written, by dotted key. */
  readonly written: ReadonlyMap<string, string>;
}

export interface ConfigParts<FileSchema extends z.ZodType> {
  readonly schema: FileSchema;
  /** Undefined: there is none. */
  readonly file: ConfigFile | undefined;
  /** How messages call the config when there is no file. */
  readonly withoutFile: string;
  /** Values that the file wins over. */
  readonly defaults: readonly Layer[];
  /** A later one wins. */
  readonly overrides: readonly Override[];
  /** What `${NAME}` in texts of the file and of the overrides stands for; unset: it stands for itself. */
  readonly env?: Environment;
  /** Values that follow from those so far, and win over them. */
  readonly derive?: (tree: Mapping) => readonly Layer[];
}

/**
 * Lays the values over each other and checks the whole.
 *
 * @throws `config_invalid` with every problem, one a line
 */
export function composeConfig<FileSchema extends z.ZodType>({
  schema,
  file,
  withoutFile,
  defaults,
  overrides,
  env,
  derive,
}: ConfigParts<FileSchema>): LoadedConfig<ConfigOf<FileSchema>> {
  const problems: Problem[] = [];
  const layers: Layer[] = [...defaults];
  const written = new Map<string, string>();
  const add = (layer: Layer) => {
    if (env === undefined) {
      layers.push(layer);
      return;
    }
    const expanded = expandVariables(layer, schema, env);
    layers.push(expanded.layer);
    problems.push(...expanded.problems);
    for (const { path } of leavesOf(layer.tree)) {
      for (const key of [...written.keys()]) if (isWithin(key, path.join('.'))) written.delete(key);
    }
    for (const [key, text] of expanded.written) written.set(key, text);
  };
  if (file) {
    const parsed = parseFile(file, schema);
    problems.push(...parsed.problems);
    add(parsed.layer);
  }
  for (const override of overrides) {
    const layer = overrideLayer(override, schema);
    if ('tree' in layer) add(layer);
    else problems.push(layer);
  }
  if (derive) layers.push(...derive(mergeLayers(layers, schema).tree));
  const merged = mergeLayers(layers, schema);
  const result = validate(merged, schema);
  // A variable that is not set leaves a value that is not valid either.
  const told = new Set(problems.map(({ subject }) => subject));
  if ('problems' in result) problems.push(...result.problems.filter(({ subject }) => !told.has(subject)));
  throwProblems(problems);
  if ('problems' in result) throw new Error('a config with problems was accepted');

  const origins = new Map<string, string>();
  const replaced = new Map<string, unknown>();
  for (const { path } of leavesOf(result.config)) {
    const key = path.join('.');
    const layer = merged.layerOf(path);
    origins.set(key, layer?.origin(path) ?? 'default');
    if (layer?.given !== undefined) replaced.set(key, layer.given);
  }
  // Frozen here, which no type can follow.
  const config = deepFreeze(result.config) as ConfigOf<FileSchema>;
  return { config, origins, replaced, source: file?.name ?? withoutFile, schema, written };
}

/** Whether the dotted key is the other, or one below it. */
function isWithin(key: string, above: string): boolean {
  return key === above || key.startsWith(`${above}.`);
}

function parseFile(file: ConfigFile, schema: Schema): Parsed {
  if ('text' in file) return parseFileLayer(file.text, file.name, schema);
  return moduleLayer(file.exported, file.name);
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
