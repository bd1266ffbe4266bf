import { isMapping, type KeyPath } from './mapping.ts';

/** Levels of a config at most. */
export const maxDepth = 64;

/**
 * Whether it is data that a file could hold: no function, no class, no loop (YAML anchors can make one). Gives the
 * first place where it is not, and why.
 */
export function findNonPlain(
  value: unknown,
  path: KeyPath = [],
): { path: KeyPath; text: string } | undefined {
  if (path.length > maxDepth)
    return { path: path.slice(0, 1), text: 'contains itself, or is nested too deeply' };
  if (Array.isArray(value) || isMapping(value)) {
    for (const [key, inner] of Object.entries(value)) {
      const found = findNonPlain(inner, [...path, key]);
      if (found) return found;
    }
    return undefined;
  }
  const plain = value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value);
  return plain
    ? undefined
    : { path, text: `must be plain data, not ${Object.prototype.toString.call(value)}` };
}
