import { z } from 'zod';
import type { KeyPath } from './mapping.ts';
import { keyMeta, type Schema, schemaAt, unwrap } from './schema-tree.ts';

/** Stands where a secret would be printed. Read back as a value it is refused. */
export const redacted = '[redacted]';

const secretName = /(?:^|_)(?:tokens?|secrets?|passwords?|api_keys?|credentials?)$/i;

/** Whether the value at the path must never be shown: marked in the schema, or named like a secret. */
export function isSecret(schema: Schema, path: KeyPath): boolean {
  return path.some((key, index) => {
    const at = schemaAt(schema, path.slice(0, index + 1));
    if (at !== undefined && keyMeta(at).secret === true) return true;
    // `max_tokens` counts them.
    return secretName.test(key) && !(at !== undefined && unwrap(at) instanceof z.ZodNumber);
  });
}

/** A value for a message: JSON, short, without the user and password of a URL. */
export function shown(value: unknown): string {
  const json = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'number' ? spelled(inner) : inner,
  );
  const text = (json ?? String(value)).replaceAll(/:\/\/[^/@\s"]*@/g, '://***@');
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function spelled(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
