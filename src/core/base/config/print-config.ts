import { stringify } from 'yaml';
import type { LoadedConfig } from './load-config.ts';
import { isMapping, type KeyPath, type Mapping } from './mapping.ts';
import type { Schema } from './schema-tree.ts';
import { isSecret, redacted } from './secrets.ts';
import { isVariable, withEscapes } from './variables.ts';
import { yamlDialect } from './yaml-dialect.ts';

/**
 * The config as a YAML file that loads to the same values; after each value `# where it is from`. Secrets are masked.
 * `notes` are comments that tell what follows from the values.
 */
export function formatEffectiveConfig(loaded: LoadedConfig<Mapping>, notes: readonly string[] = []): string {
  const comments = [`from ${loaded.source}`, ...notes].map((note) => `# ${oneLine(note)}`);
  const lines = [...comments, ...section(loaded.config, [], loaded)];
  return `${lines.join('\n')}\n`;
}

function* section(mapping: Mapping, path: KeyPath, loaded: LoadedConfig<Mapping>): Generator<string> {
  const indent = '  '.repeat(path.length);
  for (const [key, value] of Object.entries(mapping)) {
    if (value === undefined) continue;
    const at = [...path, key];
    if (isMapping(value) && Object.keys(value).length > 0) {
      yield `${indent}${keyName(key)}:`;
      yield* section(value, at, loaded);
    } else {
      const shown = inline(masked(value, at, loaded));
      yield `${indent}${keyName(key)}: ${shown} # ${oneLine(originOf(value, at, loaded))}`;
    }
  }
}

function originOf(value: unknown, path: KeyPath, loaded: LoadedConfig<Mapping>): string {
  const origin = loaded.origins.get(path.join('.')) ?? 'default';
  const written = loaded.written.get(path.join('.'));
  return isOpen(value) && written !== undefined ? `${origin}, ${written}` : origin;
}

/** Whether it can be no secret. */
function isOpen(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

/**
 * What the file would say. Of a value that is a variable and nothing else its name is shown, which is no secret; where it
 * is a number or a switch, which are no secrets either, its value.
 */
function masked(value: unknown, path: KeyPath, loaded: LoadedConfig<Mapping>): unknown {
  if (isOpen(value)) return value;
  const written = loaded.written.get(path.join('.'));
  if (written !== undefined && isVariable(written)) return written;
  if (typeof value === 'string') return withoutPassword(written ?? withEscapes(value), path, loaded.schema);
  const inner = (item: unknown, key: string | number) => masked(item, [...path, String(key)], loaded);
  if (!isSecret(loaded.schema, path) || value === null) {
    if (Array.isArray(value)) return value.map(inner);
    if (!isMapping(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item, key)]));
  }
  return Array.isArray(value)
    ? value.map((item, at) => (isMapping(item) ? redacted : inner(item, at)))
    : redacted;
}

function withoutPassword(value: string, path: KeyPath, schema: Schema): string {
  if (value === '') return value;
  if (isSecret(schema, path)) return redacted;
  return value.replace(/:\/\/[^/@\s]*@/, `://${redacted}@`);
}

/** A value on one line. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowItem).join(', ')}]`;
  if (isMapping(value)) {
    const pairs = Object.entries(value).map(([key, inner]) => `${keyName(key)}: ${flowItem(inner)}`);
    return `{${pairs.join(', ')}}`;
  }
  if (typeof value === 'string' && !/^[\w./+@:-]+( [\w./+@:-]+)*$/.test(value)) return JSON.stringify(value);
  return stringify(value, { ...yamlDialect, lineWidth: 0 }).trimEnd();
}

// Between brackets a comma would end a text without quotes.
function flowItem(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : inline(value);
}

// Quoted, because `<<` would merge.
function keyName(key: string): string {
  return /^[A-Za-z_][\w-]*$/.test(key) ? inline(key) : JSON.stringify(key);
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}
