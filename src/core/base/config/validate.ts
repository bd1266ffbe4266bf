import type { z } from 'zod';
import { expectation } from './expectation.ts';
import type { Merged } from './layer.ts';
import { isMapping, type KeyPath, leavesOf, valueAt } from './mapping.ts';
import { isProbablyMeant, nearestKey, typingSlipOf } from './nearest-key.ts';
import { mostProblems, type Problem } from './problem.ts';
import {
  childSchema,
  isOpen,
  itemSchema,
  namedKeys,
  type Schema,
  schemaAt,
  schemaKeys,
} from './schema-tree.ts';
import { isSecret, redacted, shown } from './secrets.ts';

/** So many valid keys are listed where none is like the one that was written. */
const mostListed = 10;

/** The config that the merged values make, with every default filled in; or all that is wrong with them. */
export function validate<Config>(
  merged: Merged,
  schema: z.ZodType<Config>,
): { readonly config: Config } | { readonly problems: readonly Problem[] } {
  const problems = [...unknownKeys(merged, schema), ...placeholders(merged)];
  const result = schema.safeParse(merged.tree);
  if (result.success && problems.length === 0) return { config: result.data };
  const seen = new Set<string>();
  for (const issue of result.error?.issues ?? []) {
    // Found above, with the nearest key.
    if (issue.code === 'unrecognized_keys') continue;
    const path = keyPathOf(issue.path, schema);
    const id = path.join('\0');
    if (seen.has(id)) continue;
    seen.add(id);
    problems.push(problemAt(merged, path, 'value', issueText(issue, path, merged, schema)));
  }
  return { problems };
}

function issueText(issue: z.core.$ZodIssue, path: KeyPath, merged: Merged, schema: Schema): string {
  const value = valueAt(merged.tree, path);
  const given = isSecret(schema, path) ? redacted : shown(value);
  const wanted =
    issue.code === 'custom' ? issue.message : `must be ${expectation(schemaAt(schema, path) ?? schema)}`;
  return value === undefined ? wanted : `${wanted}, not ${given}`;
}

/** The part of an issue's path that names keys; an item that is no mapping is told about by its list. */
function keyPathOf(path: readonly PropertyKey[], schema: Schema): KeyPath {
  const keys = path.map(String);
  const known = keys.findIndex((_key, index) => schemaAt(schema, keys.slice(0, index + 1)) === undefined);
  return known === -1 ? keys : keys.slice(0, known);
}

function unknownKeys(merged: Merged, schema: Schema): Problem[] {
  let suggestions = 0;
  return [...walk(merged.tree, schema, [])].map(({ path, text }) => problemAt(merged, path, 'key', text));

  function* walk(tree: unknown, at: Schema, path: KeyPath): Generator<{ path: KeyPath; text: string }> {
    const item = itemSchema(at);
    if (item && Array.isArray(tree)) {
      for (const [index, inner] of tree.entries()) yield* walk(inner, item, [...path, String(index)]);
    }
    if (!isMapping(tree)) return;
    const named = namedKeys(at);
    for (const [key, value] of Object.entries(tree)) {
      const child = childSchema(at, key);
      const slip =
        isOpen(at) && !Object.hasOwn(named, key) ? typingSlipOf(key, Object.keys(named)) : undefined;
      if (slip !== undefined) {
        yield { path: [...path, key], text: `unknown key; did you mean "${slip}"?` };
      } else if (child !== undefined) {
        yield* walk(value, child, [...path, key]);
      } else if (Object.keys(named).length > 0 || key === '__proto__') {
        // Each looks at every key of the schema; nobody reads the later ones.
        suggestions += 1;
        const more = suggestions > mostProblems ? '' : `; ${suggestion(key, Object.keys(named), schema)}`;
        yield { path: [...path, key], text: `unknown key${more}` };
      }
    }
  }
}

function suggestion(key: string, siblings: readonly string[], schema: Schema): string {
  const nearest = nearestKey(key, siblings);
  if (nearest && isProbablyMeant(key, nearest)) return `did you mean "${nearest.key}"?`;
  // Right key, wrong section: `port` outside `server`.
  for (const { path } of schemaKeys(schema))
    if (path.at(-1) === key) return `did you mean "${path.join('.')}"?`;
  if (siblings.length > mostListed) return nearest ? `the nearest valid one is "${nearest.key}"` : '';
  return siblings.length === 0 ? 'no key is valid here' : `the valid ones are ${siblings.join(', ')}`;
}

function placeholders(merged: Merged): Problem[] {
  const text = `"${redacted}" is what --print-config shows instead of a secret; write the secret itself`;
  return [...leavesOf(merged.tree)]
    .filter(({ value }) => [value].flat().includes(redacted))
    .map(({ path }) => problemAt(merged, path, 'value', text));
}

function problemAt(merged: Merged, path: KeyPath, part: 'key' | 'value', text: string): Problem {
  for (let length = path.length; length > 0; length -= 1) {
    const layer = merged.layerOf(path.slice(0, length));
    if (layer) return { ...layer.place(path, part), text };
  }
  return { subject: path.join('.'), text };
}
