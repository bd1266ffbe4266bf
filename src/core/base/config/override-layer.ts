import { isAlias, parseDocument } from 'yaml';
import { z } from 'zod';
import { errorMessage } from '../errors.ts';
import { expectation } from './expectation.ts';
import type { Layer } from './layer.ts';
import { isMapping, type Mapping, mappingOf } from './mapping.ts';
import { nearestKey } from './nearest-key.ts';
import type { Override } from './overrides.ts';
import { findNonPlain } from './plain-data.ts';
import type { Problem } from './problem.ts';
import { itemSchema, type Schema, schemaAt, schemaKeys, unwrap } from './schema-tree.ts';
import { isSecret, redacted, shown } from './secrets.ts';
import { withTextsAsWritten, yamlDialect } from './yaml-dialect.ts';

/** The layer of one override, or what is wrong with it. */
export function overrideLayer(override: Override, schema: Schema): Layer | Problem {
  const { path, raw, option } = override;
  // A list is given as a whole.
  const inList = path.some((_key, index) => itemSchema(schemaAt(schema, path.slice(0, index)) ?? schema));
  const target = inList ? undefined : schemaAt(schema, path);
  if (target === undefined) {
    const nearest = nearestKey(path.join('.'), dottedKeys(schema));
    return { subject: option, text: `unknown option; did you mean "--${nearest?.key}"?` };
  }
  const value = readValue(raw, target);
  if (value instanceof Error) {
    const given = isSecret(schema, path) ? redacted : shown(raw);
    const wanted =
      unwrap(target) instanceof z.ZodUnknown ? 'YAML; put quotes around a text' : expectation(target);
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

function dottedKeys(schema: Schema): string[] {
  return [...schemaKeys(schema)].map((key) => key.path.join('.'));
}

/**
 * The value that the text stands for: YAML, except that a text is taken as it is unless it is quoted as a whole.
 * `null` and `~` unset the key.
 */
function readValue(raw: string, schema: Schema): unknown {
  if (['null', '~'].includes(raw.trim())) return null;
  if (raw.trim() === '') return raw;
  const inner = unwrap(schema);
  const wantsText = inner instanceof z.ZodString || inner instanceof z.ZodEnum;
  const quoted = /^(?:"[\s\S]*"|'[\s\S]*')$/.test(raw.trim());
  if (wantsText && !quoted) return raw;
  const document = parseDocument(raw, { ...yamlDialect, prettyErrors: false });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) return wantsText ? raw : fault;
  try {
    const value: unknown = document.toJS();
    const resolve = (node: unknown) => (isAlias(node) ? node.resolve(document) : undefined);
    if (findNonPlain(value)) return new Error('not plain data');
    return withTextsAsWritten(value, document.contents, schema, resolve);
  } catch (error) {
    return new Error(errorMessage(error), { cause: error });
  }
}
