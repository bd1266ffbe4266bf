const mark = '[redacted]';
/** Shorter prompts, and shorter lines of prompts, are hidden where they stand alone. */
const longCharacters = 24;
/** Every run of so many characters of a long one begins a place that is looked for: what was cut off is found too. */
const stepCharacters = 12;
/** A run that long is no chance. */
const leastCharacters = 16;
/** Fewer say nothing of a prompt, and stand everywhere. */
const fewestCharacters = 3;

type Range = readonly [start: number, end: number];

/**
 * A text of others with `[redacted]` in place of prompts: whole ones, lines of them, and pieces of 23 characters and
 * more, also where JSON or Python have escaped them. A prompt of one or two characters stays.
 */
export function hidePrompts(text: string, prompts: Iterable<string>): string {
  const ranges: Range[] = [];
  for (const prompt of prompts) {
    for (const spelling of spellings(prompt)) ranges.push(...rangesOf(spelling, text));
  }
  ranges.sort(([a], [b]) => a - b);
  let shown = '';
  let at = 0;
  for (const [start, end] of ranges) {
    if (start > at || (start === 0 && at === 0)) shown += `${text.slice(at, start)}${mark}`;
    at = Math.max(at, end);
  }
  return shown + text.slice(at);
}

/** The last prompts that were given to what writes texts of its own. */
export class RecentPrompts {
  readonly #kept = new Set<string>();
  readonly #most: number;

  /** @param most - prompts that are remembered */
  constructor(most: number) {
    this.#most = most;
  }

  remember(prompt: string): void {
    this.#kept.delete(prompt);
    this.#kept.add(prompt);
    for (const oldest of this.#kept) {
      if (this.#kept.size <= this.#most) return;
      this.#kept.delete(oldest);
    }
  }

  hide(text: string): string {
    return hidePrompts(text, this.#kept);
  }
}

/** As it may stand in a log: as it is, as JSON or Python quote it, and with escapes for what is not ASCII. */
function spellings(prompt: string): Set<string> {
  const quoted = JSON.stringify(prompt).slice(1, -1);
  // Python chooses its quotes by what stands between them, and escapes none, or single ones.
  const repr = quoted.replaceAll('\\"', '"');
  const plain = [prompt, quoted, repr, repr.replaceAll("'", "\\'")];
  const python = plain.map((text) => text.replace(/[^\0-\x7f]/gu, pythonEscape));
  const json = plain.map((text) => text.replace(/[^\0-\x7f]/g, (unit) => `\\u${hex(unit.charCodeAt(0), 4)}`));
  return new Set([...plain, ...python, ...json]);
}

function pythonEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${hex(code, 2)}`;
  return code < 0x1_0000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0');

function rangesOf(spelling: string, text: string): Range[] {
  const lines = spelling.split(/[\r\n]+/).map((line) => line.trim());
  return lines.flatMap((line) => {
    if (line.length < fewestCharacters) return [];
    return line.length < longCharacters ? wordsOf(line, text) : piecesOf(line, text);
  });
}

function wordsOf(line: string, text: string): Range[] {
  return placesOf(line, text)
    .map((start): Range => [start, start + line.length])
    .filter(([start, end]) => !withinWord(text, start) && !withinWord(text, end));
}

/** Whether letters or digits stand on both sides. */
function withinWord(text: string, at: number): boolean {
  return /^[\p{L}\p{N}]{2}$/u.test(text.slice(Math.max(0, at - 1), at + 1));
}

function piecesOf(line: string, text: string): Range[] {
  const found: Range[] = [];
  for (let from = 0; from + stepCharacters <= line.length; from += stepCharacters) {
    for (const place of placesOf(line.slice(from, from + stepCharacters), text)) {
      let before = 0;
      while (before < Math.min(from, place) && line[from - before - 1] === text[place - before - 1]) before++;
      let length = stepCharacters;
      while (from + length < line.length && line[from + length] === text[place + length]) length++;
      if (before + length >= leastCharacters) found.push([place - before, place + length]);
    }
  }
  return found;
}

function placesOf(piece: string, text: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(piece); at >= 0; at = text.indexOf(piece, at + 1)) places.push(at);
  return places;
}
