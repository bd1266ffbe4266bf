import { z } from 'zod';
import { expectation } from './expectation.ts';
import type { Layer } from './layer.ts';
import { isMapping, type KeyPath, type Mapping, mappingOf } from './mapping.ts';
import { isProbablyMeant, nearestKey } from './nearest-key.ts';
import type { Override } from './overrides.ts';
import type { Problem } from './problem.ts';
import { readValue } from './read-value.ts';
import { itemSchema, type Schema, schemaAt, schemaKeys, unwrap } from './schema-tree.ts';
import { isSecret, redacted, shown } from './secrets.ts';

/** The layer of one override, or what is wrong with it. */
export function overrideLayer(override: Override, schema: Schema): Layer | Problem {
  const { raw, option } = override;
  const path = withoutDashes(override.path, schema);
  // A list is given as a whole.
  const inList = path.some((_key, index) => itemSchema(schemaAt(schema, path.slice(0, index)) ?? schema));
  const target = inList ? undefined : schemaAt(schema, path);
  if (target === undefined) {
    return { subject: option, text: `unknown option; ${suggestion(path.join('.'), schema)}` };
  }
  const value = readValue(raw, target);
  if (value instanceof Error) {
    const given = isSecret(schema, path) ? redacted : shown(raw);
    const wanted = unwrap(target) instanceof z.ZodUnknown ? 'YAML; quote a text' : expectation(target);
    return { subject: option, text: `must be ${wanted}, not ${given}` };
  }
  const tree = mappingOf(path, value);
  const dotted = path.join('.');
  return {
    tree: isMapping(tree) ? tree : ({} satisfies Mapping),
    origin: () => option,
    place: (at) => {
      const key = at.join('.');
      // A key beside it, that nobody has set.
      if (at.some((part, index) => index < path.length && part !== path[index])) return { subject: key };
      const named = option === `--${key}` || at.length < path.length;
      return {
        subject: named ? option : option === `--${dotted}` ? `${option} ${key}` : `${option} (${key})`,
      };
    },
  };
}

function suggestion(key: string, schema: Schema): string {
  const keys = dottedKeys(schema);
  const sections = new Set(keys.flatMap((one) => (one.includes('.') ? one.split('.', 1) : [])));
  const [section = ''] = key.split('.', 1);
  const nearest = nearestKey(key, keys);
  const isMeant = nearest && (isProbablyMeant(key, nearest) || key.startsWith(`${nearest.key}.`));
  if (nearest && isMeant && nearest.key.includes('.')) return `did you mean "--${nearest.key}"?`;
  if (!sections.has(section)) return `it must begin with --${[...sections].join('., --')}.`;
  const inside = nearestKey(
    key,
    keys.filter((one) => one.startsWith(`${section}.`)),
  );
  return `the nearest valid one is "--${inside?.key}"`;
}

/** FastVideo's command line takes `server.output-dir` for `server.output_dir`. */
function withoutDashes(path: KeyPath, schema: Schema): KeyPath {
  const known = path.map((key) => key.replaceAll('-', '_'));
  return schemaAt(schema, path) === undefined && schemaAt(schema, known) !== undefined ? known : path;
}

function dottedKeys(schema: Schema): string[] {
  return [...schemaKeys(schema)].map((key) => key.path.join('.'));
}
