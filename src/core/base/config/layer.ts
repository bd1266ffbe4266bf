import { isMapping, type KeyPath, type Mapping } from './mapping.ts';
import { childSchema, type Schema, takesNull } from './schema-tree.ts';

export interface SourceLocation {
  /** What a problem's line starts with, the key included. */
  readonly subject: string;
  readonly line?: number;
  readonly column?: number;
}

/** Values from one origin. */
export interface Layer {
  readonly tree: Mapping;
  /** What was given in place of its values, which are the nearest that can be. */
  readonly given?: unknown;
  /** Where a value is from, for `--print-config`: `default`, `serve.yaml:12`, `--server.port`. */
  origin(path: KeyPath): string;
  /** Where a problem with the key, or with its value, is. */
  place(path: KeyPath, part: 'key' | 'value'): SourceLocation;
}

/** Values that are built in. */
export function builtInLayer(tree: Mapping, origin: string): Layer {
  return { tree, origin: () => origin, place: (path) => ({ subject: path.join('.') }) };
}

export interface Merged {
  readonly tree: Mapping;
  /** The layer that a value is from; undefined for a default of the schema. */
  layerOf(path: KeyPath): Layer | undefined;
}

/** Lays each layer over those before it. Null unsets a key, so that its default holds again. */
export function mergeLayers(layers: readonly Layer[], schema: Schema): Merged {
  const owners = new Map<string, Layer>();
  let tree: Mapping = {};
  for (const layer of layers) tree = overlay(tree, layer.tree, schema, [], layer, owners);
  return { tree, layerOf: (path) => owners.get(ownerKey(path)) };
}

function overlay(
  under: Mapping,
  over: Mapping,
  schema: Schema | undefined,
  path: KeyPath,
  layer: Layer,
  owners: Map<string, Layer>,
): Mapping {
  const result = new Map(Object.entries(under));
  for (const [key, value] of Object.entries(over)) {
    const at = [...path, key];
    const child = schema && childSchema(schema, key);
    const before = result.get(key);
    if (value === undefined || (value === null && child !== undefined && !takesNull(child))) {
      if (result.delete(key)) disown(at, owners);
    } else if (isMapping(value)) {
      if (result.has(key) && !isMapping(before)) disown(at, owners);
      if (!owners.has(ownerKey(at))) owners.set(ownerKey(at), layer);
      result.set(key, overlay(isMapping(before) ? before : {}, value, child, at, layer, owners));
    } else {
      // Looks at every key so far, of which a client may have sent tens of thousands.
      if (result.has(key)) disown(at, owners);
      owners.set(ownerKey(at), layer);
      result.set(key, structuredClone(value));
    }
  }
  return Object.fromEntries(result);
}

function disown(path: KeyPath, owners: Map<string, Layer>): void {
  const key = ownerKey(path);
  for (const owned of [...owners.keys()])
    if (owned === key || owned.startsWith(`${key}\0`)) owners.delete(owned);
}

// Not joined with dots: a key of a pass-through block may hold one.
function ownerKey(path: KeyPath): string {
  return path.join('\0');
}
