import { isAlias, isMap, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml';
import { errorMessage } from '../errors.ts';
import type { Layer, SourceLocation } from './layer.ts';
import { isMapping, type KeyPath, type Mapping } from './mapping.ts';
import { tooDeepAt, tooDeepText } from './nesting.ts';
import { findNonPlain } from './plain-data.ts';
import type { Problem } from './problem.ts';
import type { Schema } from './schema-tree.ts';
import { shown } from './secrets.ts';
import { keyText, type Resolve, withTextsAsWritten, yamlDialect } from './yaml-dialect.ts';

export interface Parsed {
  readonly layer: Layer;
  /** What keeps the file from being read at all; the layer is then empty. */
  readonly problems: readonly Problem[];
}

/** A config of a thousand replicas is shorter; one of megabytes would hold the process up for seconds. */
export const mostConfigBytes = 128 * 1024;

/**
 * The layer of a YAML or JSON text (JSON is read as the YAML that it is). An empty text sets nothing.
 *
 * @param name - how messages call the file
 */
export function parseFileLayer(text: string, name: string, schema: Schema): Parsed {
  if (Buffer.byteLength(text) > mostConfigBytes)
    return refused(name, `cannot be loaded: it is longer than ${mostConfigBytes / 1024} KiB`);
  const lineCounter = new LineCounter();
  const tooDeep = tooDeepAt(text);
  if (tooDeep !== undefined) return refused(`${name}:${lineOf(text, tooDeep)}`, tooDeepText);
  const document = parseDocument(text, { ...yamlDialect, lineCounter, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return { subject: `${name}:${line}:${col}`, line, column: col };
  };
  const broken = (problems: readonly Problem[]): Parsed => ({ layer: layerOf({}), problems });
  const resolve: Resolve = (node) => (isAlias(node) ? node.resolve(document) : undefined);

  const place = (path: KeyPath, part: 'key' | 'value'): SourceLocation => {
    const offset = offsetOf(document.contents, path, part, resolve);
    const where = offset === undefined ? { subject: name } : at(offset);
    return { ...where, subject: [where.subject, path.join('.')].filter(Boolean).join(' ') };
  };
  const layerOf = (tree: Mapping): Layer => ({
    tree,
    place,
    origin: (path) => {
      const { line } = place(path, 'key');
      return line === undefined ? name : `${name}:${line}`;
    },
  });

  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0)
    return broken(faults.map((fault) => ({ ...at(fault.pos[0]), text: faultText(fault, text) })));
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    // Aliases that stand for nothing, or for too much.
    return broken([{ subject: name, text: errorMessage(error) }]);
  }
  if (value === null || value === undefined) return { layer: layerOf({}), problems: [] };
  if (!isMapping(value)) return broken([{ ...at(0), text: notAMapping(value) }]);
  const unfit = findNonPlain(value);
  if (unfit) return broken([{ ...place(unfit.path, 'key'), text: unfit.text }]);
  const tree = withTextsAsWritten(value, document.contents, schema, resolve);
  return { layer: layerOf(isMapping(tree) ? tree : {}), problems: [] };
}

/** The layer of what a JavaScript config file exports. */
export function moduleLayer(value: unknown, name: string): Parsed {
  const place = (path: KeyPath): SourceLocation => ({
    subject: [name, path.join('.')].filter(Boolean).join(' '),
  });
  const layer = (tree: Mapping): Layer => ({ tree, place, origin: () => name });
  const broken = (path: KeyPath, text: string) => ({
    layer: layer({}),
    problems: [{ ...place(path), text }],
  });
  if (value === null || value === undefined) return { layer: layer({}), problems: [] };
  if (!isMapping(value)) return broken([], notAMapping(value));
  const unfit = findNonPlain(value);
  return unfit ? broken(unfit.path, unfit.text) : { layer: layer(value), problems: [] };
}

/** A text that is not parsed at all. */
function refused(subject: string, text: string): Parsed {
  const place = { subject };
  const layer: Layer = { tree: {}, place: () => place, origin: () => subject };
  return { layer, problems: [{ ...place, text }] };
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function notAMapping(value: unknown): string {
  return `must be a mapping of sections such as "server:", not ${shown(value)}`;
}

function faultText(fault: YAMLError, text: string): string {
  if (fault.code === 'DUPLICATE_KEY') {
    const key = /^[^\s:,{}]+/.exec(text.slice(fault.pos[0]))?.[0] ?? 'key';
    return `${key} appears twice in the same mapping; keep one`;
  }
  if (fault.code === 'MULTIPLE_DOCS')
    return 'a second document begins here; a config file must be a single document';
  return `not valid YAML: ${fault.message}`;
}

/** Where the key or the value is; of a path that the file does not have, where its nearest section is. */
function offsetOf(root: unknown, path: KeyPath, part: 'key' | 'value', resolve: Resolve): number | undefined {
  let offset = startOf(root);
  let node: unknown = root;
  for (const [index, key] of path.entries()) {
    const section = isAlias(node) ? resolve(node) : node;
    if (isSeq(section)) {
      node = section.items[Number(key)];
      offset = startOf(node) ?? offset;
      continue;
    }
    const pair = isMap(section) ? section.items.find((item) => keyText(item.key) === key) : undefined;
    if (!pair) return offset;
    const last = index === path.length - 1;
    const value = startOf(pair.value);
    offset = last && part === 'value' && value !== undefined ? value : startOf(pair.key);
    node = pair.value;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
