import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const keptLines = 5;
const keptCharacters = 300;

/** The last lines that a process wrote to stderr: what explains its death. */
export class StderrTail {
  readonly #lines: string[] = [];

  constructor(stderr: Readable, onLine: (line: string) => void) {
    createInterface({ input: stderr }).on('line', (line) => {
      if (line.trim() === '') return;
      this.#lines.push(line);
      if (this.#lines.length > keptLines) this.#lines.shift();
      onLine(line);
    });
  }

  /** `: last line`, or a full stop when nothing was said. */
  quoted(): string {
    const last = this.#lines.at(-1);
    return last === undefined ? '.' : `: ${last.slice(0, keptCharacters)}`;
  }
}
