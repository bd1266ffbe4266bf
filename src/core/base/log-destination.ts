import { writeSync } from 'node:fs';
import { systemErrorCode } from './errors.ts';

/** Times that a full pipe is tried again, and the pause before each, in milliseconds. */
const retries = 20;
const retryPauseMs = 5;

/** Writes bytes to a file descriptor; gives how many it took. Throws system errors. */
type Write = (bytes: Uint8Array) => number;

/**
 * Where log lines go. A log that cannot be written, on a full disk or to a reader that has left or stands still, must end
 * no session: its lines are dropped, and when one can be written again it is told how many those were.
 */
export class LogDestination {
  readonly #write: Write;
  #dropped = 0;

  constructor(descriptor: number, write: Write = (bytes) => writeSync(descriptor, bytes)) {
    this.#write = write;
  }

  /** Takes one line with its newline. Never throws. */
  write(line: string): void {
    if (this.#dropped > 0) {
      const told = {
        level: 40,
        time: new Date().toISOString(),
        dropped: this.#dropped,
        msg: 'log lines were dropped',
      };
      if (!this.#put(`${JSON.stringify(told)}\n`)) {
        this.#dropped += 1;
        return;
      }
      this.#dropped = 0;
    }
    if (!this.#put(line)) this.#dropped += 1;
  }

  #put(line: string): boolean {
    let rest: Uint8Array = Buffer.from(line);
    // Once it is known that nobody reads, no line is worth a wait.
    let patience = this.#dropped > 0 ? 0 : retries;
    while (rest.length > 0) {
      try {
        rest = rest.subarray(this.#write(rest));
      } catch (error) {
        if (systemErrorCode(error) !== 'EAGAIN' || patience === 0) return false;
        patience -= 1;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryPauseMs);
      }
    }
    return true;
  }
}
