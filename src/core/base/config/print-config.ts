import { stringify } from 'yaml';
import type { LoadedServeConfig } from './load-serve-config.ts';
import { isMapping, type KeyPath, type Mapping } from './mapping.ts';
import { isSecret, redacted } from './secrets.ts';
import { ServeConfigSchema } from './serve-schema/serve-config.ts';
import { yamlDialect } from './yaml-dialect.ts';

/** The config as a YAML file that loads to the same values; after each value `# where it is from`. Secrets are masked. */
export function formatEffectiveConfig(loaded: LoadedServeConfig): string {
  const lines = [`# from ${oneLine(loaded.source)}`, ...section(loaded.config, [], loaded.origins)];
  return `${lines.join('\n')}\n`;
}

function* section(mapping: Mapping, path: KeyPath, origins: ReadonlyMap<string, string>): Generator<string> {
  const indent = '  '.repeat(path.length);
  for (const [key, value] of Object.entries(mapping)) {
    if (value === undefined) continue;
    const at = [...path, key];
    if (isMapping(value) && Object.keys(value).length > 0) {
      yield `${indent}${inline(key)}:`;
      yield* section(value, at, origins);
    } else {
      const origin = origins.get(at.join('.')) ?? 'default';
      yield `${indent}${inline(key)}: ${inline(masked(value, at))} # ${oneLine(origin)}`;
    }
  }
}

function masked(value: unknown, path: KeyPath): unknown {
  if (!isSecret(ServeConfigSchema, path) || value === null || value === '') return value;
  return Array.isArray(value) ? value.map(() => redacted) : redacted;
}

/** A value on one line. */
function inline(value: unknown): string {
  return stringify(value, {
    ...yamlDialect,
    collectionStyle: 'flow',
    lineWidth: 0,
    blockQuote: false,
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
    aliasDuplicateObjects: false,
  }).trimEnd();
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}
