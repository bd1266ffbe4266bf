import { z } from 'zod';
import type { KeyPath } from './mapping.ts';
import type { KeyMeta } from './serve-schema/quantities.ts';

export type Schema = z.core.$ZodType;

/** The schema inside its defaults and optional or nullable wrappers. */
export function unwrap(schema: Schema): Schema {
  let inner = schema;
  while (
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodNullable ||
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault
  ) {
    inner = inner.unwrap();
  }
  return inner;
}

/** Whether null is a value of its own there; elsewhere it means "unset". */
export function takesNull(schema: Schema): boolean {
  return z.safeParse(schema, null).success;
}

/** The keys that a mapping's schema names; none for a record or a value that is not a mapping. */
export function namedKeys(schema: Schema): Readonly<Record<string, Schema>> {
  const inner = unwrap(schema);
  return inner instanceof z.ZodObject ? inner.shape : {};
}

/** Whether keys that the schema does not name are let through. */
export function isOpen(schema: Schema): boolean {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return inner.def.catchall instanceof z.ZodUnknown;
  return inner instanceof z.ZodRecord || inner instanceof z.ZodUnknown;
}

const anything = z.unknown();

/** What each item of a list is, where that is a mapping. */
export function itemSchema(schema: Schema): Schema | undefined {
  const inner = unwrap(schema);
  if (!(inner instanceof z.ZodArray)) return undefined;
  return unwrap(inner.element) instanceof z.ZodObject ? inner.element : undefined;
}

/** What each item of a list is, whatever that is. */
export function listItem(schema: Schema): Schema | undefined {
  const inner = unwrap(schema);
  return inner instanceof z.ZodArray ? inner.element : undefined;
}

/** The schema of one key, or undefined where there can be none. The keys of a list of mappings are its indexes. */
export function childSchema(schema: Schema, key: string): Schema | undefined {
  if (key === '__proto__') return undefined;
  const item = itemSchema(schema);
  if (item) return /^\d+$/.test(key) ? item : undefined;
  const named = namedKeys(schema);
  if (Object.hasOwn(named, key)) return named[key];
  return isOpen(schema) ? anything : undefined;
}

export function schemaAt(schema: Schema, path: KeyPath): Schema | undefined {
  let at: Schema | undefined = schema;
  for (const key of path) at = at && childSchema(at, key);
  return at;
}

export interface SchemaKey extends KeyMeta {
  readonly path: KeyPath;
  readonly schema: Schema;
  /** Whether it is a section, whose keys follow. */
  readonly section: boolean;
  /** The default as a value; undefined for none. */
  readonly fallback: unknown;
}

/** Every key that the schema names, each section before its keys. */
export function* schemaKeys(schema: Schema, path: KeyPath = []): Generator<SchemaKey> {
  for (const [key, child] of Object.entries(namedKeys(schema))) {
    const at = [...path, key];
    const section = Object.keys(namedKeys(child)).length > 0;
    const fallback = child instanceof z.ZodDefault ? child.def.defaultValue : undefined;
    yield { ...keyMeta(child), path: at, schema: child, section, fallback };
    yield* schemaKeys(child, at);
  }
}

export function keyMeta(schema: Schema): KeyMeta {
  // The registry's values are of any shape; ours are written through the typed functions of `quantities.ts`.
  return (z.globalRegistry.get(schema) ?? z.globalRegistry.get(unwrap(schema)) ?? {}) as KeyMeta;
}
