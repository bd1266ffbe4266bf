import type { Writable } from 'node:stream';
import { stdoutFailure } from './unwritable.ts';

/**
 * Keeps the first error of stdout. Without a listener it would end the process with a stack trace, at a moment that nobody
 * waits for; so the listener stays for good.
 */
export class StdoutFailure {
  readonly #stream: Writable;
  #first: Error | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', (error: Error) => {
      this.#first ??= error;
    });
  }

  /** The error as it was thrown, or in our words where it is stdout's. */
  inWords(error: unknown): unknown {
    return error instanceof Error && error === this.#first ? stdoutFailure(error) : error;
  }

  /** Resolves when all that was written is handed over, with the first error, if there was one. */
  async flushed(): Promise<Error | undefined> {
    const late = await new Promise<Error | undefined>((resolve) => {
      // The stream tells its listeners of an error after those who wrote.
      this.#stream.write('', (error) => setImmediate(() => resolve(error ?? undefined)));
    });
    const failure = this.#first ?? late;
    return failure && stdoutFailure(failure);
  }
}
