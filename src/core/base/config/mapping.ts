/** A mapping of a config file: a plain object, whatever its values are. */
export type Mapping = Record<string, unknown>;

/** Keys from the outermost mapping inwards. */
export type KeyPath = readonly string[];

export function isMapping(value: unknown): value is Mapping {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A mapping's own value; never one of `Object.prototype`. */
export function ownValue(mapping: Mapping, key: string): unknown {
  return Object.hasOwn(mapping, key) ? mapping[key] : undefined;
}

export function valueAt(tree: unknown, path: KeyPath): unknown {
  let value = tree;
  for (const key of path) {
    if (Array.isArray(value)) value = value[Number(key)];
    else if (isMapping(value)) value = ownValue(value, key);
    else return undefined;
  }
  return value;
}

/** A mapping that holds nothing but `value` at `path`. */
export function mappingOf(path: KeyPath, value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => Object.fromEntries([[key, inner]]), value);
}

/** Every value that is not a mapping, and every empty mapping, with its path. */
export function* leavesOf(tree: unknown, path: KeyPath = []): Generator<{ path: KeyPath; value: unknown }> {
  if (isMapping(tree) && (path.length === 0 || Object.keys(tree).length > 0)) {
    for (const [key, value] of Object.entries(tree)) yield* leavesOf(value, [...path, key]);
  } else if (tree !== undefined) {
    yield { path, value: tree };
  }
}
