import {
  type DocumentOptions,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParseOptions,
  type SchemaOptions,
} from 'yaml';
import { z } from 'zod';
import { isMapping } from './mapping.ts';
import { childSchema, type Schema, unwrap } from './schema-tree.ts';

// The files come from a Python server, whose reader speaks YAML 1.1: `yes` and `off` are booleans, `<<` merges. Left
// out are its dates and base-60 numbers: `12:30` would silently become 750.
export const yamlDialect = {
  version: '1.1',
  merge: true,
  // What it would warn of on stderr is refused, or is a key that there cannot be.
  logLevel: 'error',
  customTags: (tags) =>
    tags.filter((tag) => {
      if (typeof tag === 'string') return true;
      return tag.format !== 'TIME' && !unwanted.has(tag.tag);
    }),
} as const satisfies DocumentOptions & ParseOptions & SchemaOptions;

const unwanted = new Set(
  ['timestamp', 'binary', 'omap', 'pairs', 'set'].map((name) => `tag:yaml.org,2002:${name}`),
);

/** Finds the node that an alias stands for. */
export type Resolve = (node: unknown) => Node | undefined;

/**
 * The value with its texts as they were written: where the schema wants a text and the file has `revision: 0123`, that
 * is the text "0123", not a number.
 */
export function withTextsAsWritten(value: unknown, node: unknown, schema: Schema, resolve: Resolve): unknown {
  const written = isAlias(node) ? resolve(node) : node;
  const inner = unwrap(schema);
  if (inner instanceof z.ZodString || inner instanceof z.ZodEnum) {
    const scalar = typeof value === 'number' || typeof value === 'boolean';
    return scalar && isScalar(written) && written.source !== undefined ? written.source : value;
  }
  if (inner instanceof z.ZodArray && Array.isArray(value) && isSeq(written)) {
    return value.map((item, index) => withTextsAsWritten(item, written.items[index], inner.element, resolve));
  }
  if (isMapping(value) && isMap(written)) {
    const pairs = Object.entries(value).map(([key, item]) => {
      const child = childSchema(schema, key);
      const pair = written.items.find((candidate) => keyText(candidate.key) === key);
      // A key without a pair of its own came in through `<<`.
      return [key, child && pair ? withTextsAsWritten(item, pair.value, child, resolve) : item] as const;
    });
    return Object.fromEntries(pairs);
  }
  return value;
}

export function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}
