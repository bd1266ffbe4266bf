/** What is no longer than this costs next to nothing, whatever it holds. */
const alwaysReadChars = 64 * 1024;
/** Levels of arrays and objects; the frames of both dialects and the states in them stay far below. */
const deepest = 100;
/** Arrays, objects and strings, names of members included. Numbers are cheap and not counted. */
const mostParts = 500_000;

const quote = 0x22;
const backslash = 0x5c;

/**
 * Whether a JSON text is nested more deeply, or holds more arrays, objects and strings, than anybody has a use for:
 * `JSON.parse` would hold the process up for many seconds with some tens of megabytes of `[[[[` or `{},{},`. Reads
 * the text once, as far as it must, and says nothing about whether it is JSON.
 */
export function exceedsJsonBounds(text: string): boolean {
  if (text.length <= alwaysReadChars) return false;
  let depth = 0;
  let parts = 0;
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case quote:
        index = endOfString(text, index);
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
    }
    if (depth > deepest || parts > mostParts) return true;
  }
  return false;
}

/** Where the closing quote of a string stands; the end of the text when there is none. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === backslash) before -= 1;
    if ((end - before) % 2 === 0) return end;
  }
  return text.length;
}
