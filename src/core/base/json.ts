import { exceedsJsonBounds } from './json-bounds.ts';

/** The value that a JSON text says; undefined for what is none, or exceeds the bounds of `exceedsJsonBounds`. */
export function parseJson(text: string | Buffer): unknown {
  const json = text.toString();
  if (exceedsJsonBounds(json)) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
