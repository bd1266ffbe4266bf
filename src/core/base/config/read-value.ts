import { isAlias, parseDocument } from 'yaml';
import { z } from 'zod';
import { errorMessage } from '../errors.ts';
import { tooDeepAt, tooDeepText } from './nesting.ts';
import { findNonPlain } from './plain-data.ts';
import { type Schema, unwrap } from './schema-tree.ts';
import { withTextsAsWritten, yamlDialect } from './yaml-dialect.ts';

/**
 * The value that the text stands for: YAML, except that a text is taken as it is unless it is quoted as a whole.
 * `null` and `~` unset the key. An error says what is wrong.
 */
export function readValue(raw: string, schema: Schema): unknown {
  if (['null', '~'].includes(raw.trim())) return null;
  if (raw.trim() === '') return raw;
  const inner = unwrap(schema);
  const wantsText = isText(inner) || (isTextOrList(inner) && !raw.trim().startsWith('['));
  const quoted = /^(?:"[\s\S]*"|'[\s\S]*')$/.test(raw.trim());
  if (wantsText && !quoted) return raw;
  if (tooDeepAt(raw) !== undefined) return wantsText ? raw : new Error(tooDeepText);
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

function isText(schema: unknown): boolean {
  return schema instanceof z.ZodString || schema instanceof z.ZodEnum;
}

function isTextOrList(schema: unknown): boolean {
  return schema instanceof z.ZodUnion && schema.options.some(isText);
}
