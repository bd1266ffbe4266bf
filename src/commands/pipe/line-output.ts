import type { Writable } from 'node:stream';

/** Where lines go. */
export interface LineOutput {
  /**
   * Writes the line and its end; resolves when the next one may come. Throws the system's error once the stream has
   * failed: `EPIPE` when the reader has gone, which the CLI takes for a quiet end.
   */
  write(line: string): Promise<void>;
  /** Aborts when the stream has failed; the reason is the system's error. */
  readonly closed: AbortSignal;
  /** Resolves when all lines are handed over; throws as `write` does. The stream stays open. */
  end(): Promise<void>;
}

export function openLineOutput(stream: Writable): LineOutput {
  const failure = new AbortController();
  const fail = (error: Error) => failure.abort(error);
  // Stays for good: without a listener a late error would end the process with a stack trace.
  stream.on('error', fail);
  const closed = failure.signal;
  const put = (text: string): Promise<void> | undefined => {
    closed.throwIfAborted();
    let full = true;
    const written = new Promise<void>((resolve, reject) => {
      full = !stream.write(text, (error) => {
        if (!error) return resolve();
        fail(error);
        // The first one: those after it only say that the stream is destroyed.
        reject(closed.reason);
      });
    });
    if (full || text === '') return written;
    // Its error comes with the next line, or at the end.
    written.catch(() => undefined);
    return undefined;
  };
  return {
    closed,
    write: async (line) => put(`${line}\n`),
    end: async () => put(''),
  };
}
