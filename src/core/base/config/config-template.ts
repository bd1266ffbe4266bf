import { stringify } from 'yaml';
import { z } from 'zod';
import { expectation } from './expectation.ts';
import { isMapping, type Mapping } from './mapping.ts';
import { itemSchema, keyMeta, namedKeys, type Schema, schemaKeys } from './schema-tree.ts';

const width = 110;

/**
 * A YAML file with every key of the schema, each below its description. Keys of `values` are set, the others stand in
 * comments (`#key: default`) and are set by removing the `#`.
 */
export function configTemplate(schema: Schema, values: Mapping, header: readonly string[]): string {
  return `${[...header.map((line) => `# ${line}`.trimEnd()), ...sectionLines(schema, values, '')].join('\n')}\n`;
}

function sectionLines(schema: Schema, values: Mapping, indent: string): string[] {
  return Object.keys(namedKeys(schema)).flatMap((key) => ['', ...keyLines(schema, key, values[key], indent)]);
}

function keyLines(parent: Schema, key: string, value: unknown, indent: string): string[] {
  const schema = namedKeys(parent)[key];
  if (schema === undefined) return [];
  if (Object.keys(namedKeys(schema)).length > 0) {
    const description = keyMeta(schema).description;
    const head = description === undefined ? [] : comment([description], indent);
    const below = sectionLines(schema, isMapping(value) ? value : {}, `${indent}  `);
    return [...head, `${indent}${isUnset(schema, value) ? '#' : ''}${key}:`, ...below.slice(1)];
  }
  const head = keyComment(parent, key, indent);
  const item = itemSchema(schema);
  if (item !== undefined && Array.isArray(value)) {
    return [...head, `${indent}${key}:`, ...value.flatMap((one) => itemLines(item, one, `${indent}  `))];
  }
  if (value !== undefined) return [...head, `${indent}${key}: ${inline(value)}`];
  const [found] = [...schemaKeys(parent)].filter(({ path }) => path.length === 1 && path[0] === key);
  return [
    ...head,
    `${indent}#${key}: ${found?.fallback === undefined ? '' : inline(found.fallback)}`.trimEnd(),
  ];
}

/** An empty section that may be missing is another value than one that is missing. */
function isUnset(schema: Schema, value: unknown): boolean {
  return value === undefined && schema instanceof z.ZodOptional;
}

/** One item of a list of mappings: its first key that is set has the dash. */
function itemLines(schema: Schema, value: unknown, indent: string): string[] {
  const lines = sectionLines(schema, isMapping(value) ? value : {}, `${indent}  `).slice(1);
  const first = lines.findIndex((line) => /^ *\w/.test(line));
  return lines.map((line, index) => (index === first ? `${indent}- ${line.trimStart()}` : line));
}

function keyComment(parent: Schema, key: string, indent: string): string[] {
  const schema = namedKeys(parent)[key];
  if (schema === undefined) return [];
  const { description, unit, defaultNote } = keyMeta(schema);
  const facts = [
    `Value: ${expectation(schema)}${unit === undefined ? '' : `, in ${unit}`}.`,
    ...(defaultNote === undefined ? [] : [`Default: ${defaultNote}.`]),
  ].join(' ');
  return comment([...(description === undefined ? [] : [description]), facts], indent);
}

function comment(paragraphs: readonly string[], indent: string): string[] {
  return paragraphs
    .flatMap((text) => wrapped(text, width - indent.length - 2))
    .map((line) => `${indent}# ${line}`);
}

function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function inline(value: unknown): string {
  return stringify(value, { version: '1.1', collectionStyle: 'flow', lineWidth: 0 }).trim();
}
