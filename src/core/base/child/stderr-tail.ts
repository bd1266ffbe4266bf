import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const keptCharacters = 4096;
const quotedCharacters = 300;

/** What a process wrote to stderr last: what explains its death. */
export class StderrTail {
  #text = '';

  /** @param onLine - gets each line that is not blank */
  constructor(stderr: Readable, onLine?: (line: string) => void) {
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#text = (this.#text + text).slice(-keptCharacters);
    });
    if (!onLine) return;
    createInterface({ input: stderr }).on('line', (line) => {
      if (line.trim() !== '') onLine(line);
    });
  }

  /** The last lines that are not blank. */
  get lines(): readonly string[] {
    const lines = this.#text.split(/[\r\n]+/).map((line) => line.trim());
    return lines.filter(Boolean);
  }

  /** `: last line`, or a full stop when nothing was said. */
  quoted(): string {
    const last = this.lines.at(-1);
    return last === undefined ? '.' : `: ${last.slice(0, quotedCharacters)}`;
  }
}
