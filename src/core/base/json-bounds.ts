import { jsonStringEnd } from './json-string-end.ts';

/** Levels of arrays and objects; the frames of both dialects and the states in them stay far below. */
const deepest = 100;
/** Arrays, objects and strings, names of members included. */
const mostParts = 100_000;
/** Values of any kind. Single numbers are cheap to read, and still each is looked at. */
const mostValues = 1_000_000;

const quote = 0x22;
const comma = 0x2c;

/**
 * Whether a JSON text is nested more deeply, or holds more values, than anybody has a use for:
 * `JSON.parse` would hold the process up for many seconds with some tens of megabytes of `[[[[` or `{},{},`. Reads
 * the text once, as far as it must, and says nothing about whether it is JSON.
 */
export function exceedsJsonBounds(text: string): boolean {
  // It has no room for so many levels.
  if (text.length <= deepest) return false;
  let depth = 0;
  let parts = 0;
  let commas = 0;
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case quote:
        index = jsonStringEnd(text, index);
        parts += 1;
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        parts += 1;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        break;
      case comma:
        commas += 1;
        break;
    }
    if (depth > deepest || parts > mostParts || commas > mostValues) return true;
  }
  return false;
}
