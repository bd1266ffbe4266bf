import { distance } from 'fastest-levenshtein';

/** No key of a schema has so many letters. */
const mostLetters = 100;

/** The candidate that is spelled most like the key, and by how many letters they differ. */
export function nearestKey(
  key: string,
  candidates: Iterable<string>,
): { readonly key: string; readonly distance: number } | undefined {
  const wanted = snakeCase(key.slice(0, mostLetters));
  let best: { key: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const apart = distance(wanted, snakeCase(candidate));
    if (best === undefined || apart < best.distance) best = { key: candidate, distance: apart };
  }
  return best;
}

/** Whether the nearest key is near enough to be what was meant. */
export function isProbablyMeant(key: string, nearest: { readonly distance: number }): boolean {
  return nearest.distance <= Math.max(2, Math.floor(Math.min(key.length, mostLetters) / 3));
}

/**
 * The named key that an unnamed one is a typing slip of. Stricter than "near", because in a block that lets further
 * keys through, `dp_size` beside `tp_size` and `guidance_scale_2` beside `guidance_scale` are keys of their own.
 */
export function typingSlipOf(key: string, named: Iterable<string>): string | undefined {
  for (const candidate of named) if (isTypingSlip(key, candidate)) return candidate;
  return undefined;
}

function isTypingSlip(key: string, named: string): boolean {
  if (key.length > mostLetters || key[0] !== named[0] || key.startsWith(`${named}_`)) return false;
  if (key.replaceAll(/[\d_]/g, '') === named.replaceAll(/[\d_]/g, '')) return !/\d/.test(key + named);
  const apart = distance(key, named);
  const long = Math.min(key.length, named.length) >= 8;
  if (long) return apart <= 2;
  // In short names a replaced letter often makes another real name; a lost, doubled or swapped one does not.
  const lostOrDoubled = apart === 1 && key.length !== named.length && named.length >= 4;
  const swapped = apart === 2 && letters(key) === letters(named);
  return lostOrDoubled || swapped;
}

function letters(name: string): string {
  return [...name].sort().join('');
}

function snakeCase(name: string): string {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
}
