/** What was read, and where it ended. */
export interface LenientJson {
  readonly value: unknown;
  /** Index behind it. */
  readonly end: number;
  /** Whether it was closed; otherwise the text ended in the middle of it. */
  readonly whole: boolean;
}

const deepest = 32;
const closing: Readonly<Record<string, string>> = { '"': '"', "'": "'", '“': '”' };
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
const bareName = /[A-Za-z_$][\w $-]{0,60}(?=\s*:)/y;
const bareValue = /[-+]?\d[\d.eE+-]{0,40}|true|false|null|undefined|True|False|None/y;

/**
 * An object or a list as language models write it: with line breaks and quotes in its texts, quotes of other kinds, names
 * without quotes, commas behind the last member, or without its end. Undefined where there is none at that index.
 */
export function lenientJson(text: string, from: number): LenientJson | undefined {
  const start = text[from];
  if (start !== '{' && start !== '[') return undefined;
  try {
    const reader = new Reader(text, from);
    const value = reader.value(0);
    return { value, end: reader.at, whole: reader.whole };
  } catch (error) {
    if (error instanceof NoJson) return undefined;
    throw error;
  }
}

class NoJson extends Error {}

class Reader {
  readonly #text: string;
  at: number;
  whole = true;

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  value(depth: number): unknown {
    if (depth > deepest) throw new NoJson();
    const start = this.#next();
    if (start === '{') return this.#object(depth);
    if (start === '[') return this.#list(depth);
    const end = closing[start];
    if (end !== undefined) return this.#string(end);
    const [word] = this.#match(bareValue) ?? [];
    if (word === undefined) throw new NoJson();
    this.at += word.length;
    return Number.isFinite(Number(word)) ? Number(word) : null;
  }

  #object(depth: number): Record<string, unknown> {
    this.at += 1;
    const members: [string, unknown][] = [];
    while (!this.#ends('}')) {
      const name = this.#name();
      const colon = this.#next();
      if (colon === '') break;
      if (colon !== ':') throw new NoJson();
      this.at += 1;
      if (this.#next() === '') break;
      members.push([name, this.value(depth + 1)]);
    }
    return Object.fromEntries(members);
  }

  #list(depth: number): unknown[] {
    this.at += 1;
    const items: unknown[] = [];
    while (!this.#ends(']')) items.push(this.value(depth + 1));
    return items;
  }

  /** Takes the mark, and the commas before it; also at the end of the text. */
  #ends(mark: string): boolean {
    let next = this.#next();
    while (next === ',') {
      this.at += 1;
      next = this.#next();
    }
    if (next === '') this.whole = false;
    if (next === mark) this.at += 1;
    return next === '' || next === mark;
  }

  #name(): string {
    const end = closing[this.#next()];
    if (end !== undefined) return this.#string(end);
    const [name] = this.#match(bareName) ?? [];
    if (name === undefined) throw new NoJson();
    this.at += name.length;
    return name.trim();
  }

  #string(end: string): string {
    const parts: string[] = [];
    for (let at = this.at + 1; at < this.#text.length; at += 1) {
      const char = this.#text.charAt(at);
      if (char === '\\') {
        at += 1;
        const code = this.#text.charAt(at);
        const hex = code === 'u' ? /^[\da-f]{4}$/i.exec(this.#text.slice(at + 1, at + 5)) : null;
        if (hex) at += 4;
        parts.push(hex ? String.fromCharCode(Number.parseInt(hex[0], 16)) : (escapes[code] ?? code));
      } else if (char === end && this.#closes(at + 1)) {
        this.at = at + 1;
        return parts.join('');
      } else parts.push(char);
    }
    this.at = this.#text.length;
    this.whole = false;
    return parts.join('');
  }

  /** Whether a quote before that index is the end of a text, not a quote within it. */
  #closes(at: number): boolean {
    const behind = /\s*(.?)(?:\s*([^\s]))?/sy;
    behind.lastIndex = at;
    const [, mark = '', next] = behind.exec(this.#text) ?? [];
    if (mark === ',') return next === undefined || /["'“{}[\]\d]/.test(next);
    return mark === '' || mark === ':' || mark === '}' || mark === ']';
  }

  /** What stands behind white space; empty at the end of the text. */
  #next(): string {
    while (/\s/.test(this.#text.charAt(this.at))) this.at += 1;
    return this.#text.charAt(this.at);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.#text);
  }
}
