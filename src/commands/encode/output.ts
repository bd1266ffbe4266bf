import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { FastVideoError } from '../../core/base/errors.ts';
import { systemReason } from '../../core/base/system-reason.ts';

/** Where bytes go. */
export interface Output {
  /** Resolves when the bytes are handed over. Throws the system's error, e.g. `EPIPE` when the reader has gone. */
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** A file, or stdout. Throws `input_invalid` when the file cannot be written. */
export async function openOutput(path: string | undefined): Promise<Output> {
  if (path === undefined) {
    // Each write has its own answer; without a listener the event would end the process.
    process.stdout.on('error', () => {});
    return { write: (bytes) => write(process.stdout, bytes), close: async () => {} };
  }
  try {
    const stream = createWriteStream(path, { fd: await open(path, 'w') });
    stream.on('error', () => {});
    return {
      write: (bytes) => write(stream, bytes),
      close: () => new Promise((resolve) => stream.end(resolve)),
    };
  } catch (error) {
    throw new FastVideoError('input_invalid', `${path} cannot be written: ${systemReason(error)}.`, {
      cause: error,
    });
  }
}

function write(stream: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
