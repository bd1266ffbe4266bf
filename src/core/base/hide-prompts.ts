const mark = '[redacted]';
/** Shorter prompts, and shorter lines of prompts, are hidden where they stand alone. */
const longCharacters = 24;
/** Every run of so many characters of a long one begins a place that is looked for: what was cut off is found too. */
const stepCharacters = 12;
/** A run that long is no chance. */
const leastCharacters = 16;
/** Fewer say nothing of a prompt, and stand everywhere. */
const fewestCharacters = 3;
/** Of a prompt that is made of short lines. */
const mostShortLines = 64;
/** How often a prompt that repeats itself is looked for with the same piece. */
const mostRepeats = 4;
/** How many prompts are looked for with the same piece, the latest ones. */
const mostPlaces = 16;

type Range = readonly [start: number, end: number];

/** A long line of a prompt, as it may be spelled. */
interface Place {
  readonly line: string;
  /** Where the piece begins in it. */
  readonly from: number;
}

/** What is looked for because of one prompt. */
interface Spelled {
  /** Hidden where they stand alone. */
  readonly short: readonly string[];
  readonly pieces: ReadonlyMap<string, readonly Place[]>;
}

/**
 * Hides the last prompts that were given to what writes texts of its own: whole ones, lines of them, and pieces of 23
 * characters and more, also where JSON or Python have escaped them. A prompt of one or two characters stays. The time for a
 * text does not grow with the length of the prompts.
 */
export class RecentPrompts {
  readonly #kept = new Map<string, Spelled>();
  /** Of all kept prompts; those of one piece in the order in which they came. */
  readonly #places = new Map<string, Place[]>();
  readonly #most: number;

  /** @param most - prompts that are remembered */
  constructor(most: number) {
    this.#most = most;
  }

  remember(prompt: string): void {
    const known = this.#kept.get(prompt);
    this.#kept.delete(prompt);
    this.#kept.set(prompt, known ?? this.#look(prompt));
    for (const [oldest, spelled] of this.#kept) {
      if (this.#kept.size <= this.#most) return;
      this.#kept.delete(oldest);
      this.#forget(spelled);
    }
  }

  /** The text with `[redacted]` in place of prompts. */
  hide(text: string): string {
    const short = new Set([...this.#kept.values()].flatMap((spelled) => spelled.short));
    const ranges = [...[...short].flatMap((line) => wordsOf(line, text)), ...this.#piecesIn(text)];
    ranges.sort(([a], [b]) => a - b);
    let shown = '';
    let at = 0;
    for (const [start, end] of ranges) {
      if (start > at || (start === 0 && at === 0)) shown += `${text.slice(at, start)}${mark}`;
      at = Math.max(at, end);
    }
    return shown + text.slice(at);
  }

  #look(prompt: string): Spelled {
    const spelled = spelledOut(prompt);
    for (const [piece, places] of spelled.pieces) {
      this.#places.set(piece, [...(this.#places.get(piece) ?? []), ...places]);
    }
    return spelled;
  }

  #forget({ pieces }: Spelled): void {
    for (const [piece, places] of pieces) {
      const left = (this.#places.get(piece) ?? []).filter((place) => !places.includes(place));
      if (left.length > 0) this.#places.set(piece, left);
      else this.#places.delete(piece);
    }
  }

  #piecesIn(text: string): Range[] {
    const found: Range[] = [];
    for (let at = 0; at + stepCharacters <= text.length; at++) {
      const places = this.#places.get(text.slice(at, at + stepCharacters)) ?? [];
      for (const place of places.slice(-mostPlaces)) {
        const range = wholeRange(place, text, at);
        if (range) found.push(range);
      }
    }
    return found;
  }
}

/** How far the text is the line, around a piece of both. */
function wholeRange({ line, from }: Place, text: string, at: number): Range | undefined {
  let before = 0;
  while (before < Math.min(from, at) && line[from - before - 1] === text[at - before - 1]) before++;
  let length = stepCharacters;
  while (from + length < line.length && line[from + length] === text[at + length]) length++;
  return before + length >= leastCharacters ? [at - before, at + length] : undefined;
}

function spelledOut(prompt: string): Spelled {
  const short = new Set<string>();
  const pieces = new Map<string, Place[]>();
  for (const spelling of spellings(prompt)) {
    for (const line of spelling.split(/[\r\n]+/).map((each) => each.trim())) {
      if (line.length < fewestCharacters) continue;
      if (line.length < longCharacters) {
        if (short.size < mostShortLines) short.add(line);
        continue;
      }
      for (let from = 0; from + stepCharacters <= line.length; from += stepCharacters) {
        const piece = line.slice(from, from + stepCharacters);
        const places = pieces.get(piece) ?? [];
        if (places.length < mostRepeats) pieces.set(piece, [...places, { line, from }]);
      }
    }
  }
  return { short: [...short], pieces };
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

function wordsOf(line: string, text: string): Range[] {
  return placesOf(line, text)
    .map((start): Range => [start, start + line.length])
    .filter(([start, end]) => !withinWord(text, start) && !withinWord(text, end));
}

/** Whether letters or digits stand on both sides. */
function withinWord(text: string, at: number): boolean {
  return /^[\p{L}\p{N}]{2}$/u.test(text.slice(Math.max(0, at - 1), at + 1));
}

function placesOf(piece: string, text: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(piece); at >= 0; at = text.indexOf(piece, at + 1)) places.push(at);
  return places;
}
