import { stripVTControlCharacters } from 'node:util';

const longest = 2000;

/**
 * A value of the server as one line that cannot steer the terminal: no escape sequences, no control characters, and
 * none of the invisible or joined characters about whose width terminals disagree.
 */
export function cleanText(value: string): string {
  return stripVTControlCharacters(value.slice(0, longest))
    .normalize('NFC')
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(/\p{Cf}|\p{RI}|\p{Emoji_Modifier}|\p{Variation_Selector}/gu, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
}
