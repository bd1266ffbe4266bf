import { z } from 'zod';
import type { Layer } from './layer.ts';
import { isMapping, type KeyPath } from './mapping.ts';
import type { Problem } from './problem.ts';
import { readValue } from './read-value.ts';
import { childSchema, listItem, type Schema, unwrap } from './schema-tree.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Expanded {
  readonly layer: Layer;
  readonly problems: readonly Problem[];
  /** Texts with variables as they were written, by dotted key. */
  readonly written: ReadonlyMap<string, string>;
}

const reference = /\$\$\{|\$\{([^}]*)(\}?)/g;
const nameOfVariable = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Whether the text is one variable and nothing else. */
export function isVariable(text: string): boolean {
  return /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/.test(text);
}

/** The text as it must be written for a file to say it. */
export function withEscapes(text: string): string {
  // `$$` in a replacement would stand for one of them.
  return text.replaceAll('${', () => '$${');
}

/**
 * Puts environment variables in the place of `${NAME}` in every text of the layer; `$${` stands for `${`. A value that
 * is one variable and nothing else is read as the schema wants it: a number, a list.
 */
export function expandVariables(layer: Layer, schema: Schema, env: Environment): Expanded {
  const problems: Problem[] = [];
  const written = new Map<string, string>();

  const expand = (value: unknown, at: Schema | undefined, path: KeyPath): unknown => {
    if (typeof value === 'string') return text(value, at, path);
    if (Array.isArray(value)) {
      return value.map((item, index) => expand(item, at && listItem(at), [...path, String(index)]));
    }
    if (!isMapping(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        expand(inner, at && childSchema(at, key), [...path, key]),
      ]),
    );
  };

  const text = (value: string, at: Schema | undefined, path: KeyPath): unknown => {
    let refers = false;
    const expanded = value.replace(reference, (whole, name: string | undefined, end: string) => {
      if (name === undefined) return whole.slice(1);
      refers = true;
      const problem = problemWith(name, end, env);
      if (problem !== undefined) problems.push({ ...layer.place(path, 'value'), text: problem });
      return env[name] ?? '';
    });
    if (!refers) return expanded;
    written.set(path.join('.'), value);
    // A text where nothing says what it is.
    if (!at || unwrap(at) instanceof z.ZodUnknown || !isVariable(value)) return expanded;
    const read = readValue(expanded, at);
    // What it is no value of is told by the schema.
    return read instanceof Error || read === null ? expanded : read;
  };

  const tree = expand(layer.tree, schema, []);
  return { layer: { ...layer, tree: isMapping(tree) ? tree : {} }, problems, written };
}

function problemWith(name: string, end: string, env: Environment): string | undefined {
  const literal = 'write $${ for a literal ${';
  if (end === '' || !nameOfVariable.test(name)) {
    return `\${${name.slice(0, 40)}${end} does not name an environment variable; it must be \${NAME}, or ${literal}`;
  }
  if (env[name] !== undefined) return undefined;
  return `the environment variable ${name} is not set; set it, or ${literal}`;
}
