import { type FileHandle, open } from 'node:fs/promises';
import { Wakeup } from '../base/async/wakeup.ts';

/** Bytes that one reader holds. */
const pieceBytes = 64 * 1024;

/** A file that is read while it is written. Each reader takes it from the beginning, at its own pace. */
export class GrowingFile {
  readonly path: string;
  readonly #news = new Wakeup();
  #file: FileHandle | undefined;
  #created = false;
  #bytes = 0;
  #end: { readonly error?: unknown } | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Bytes that can be read. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Begins it anew. Throws the system's error. */
  async create(): Promise<void> {
    this.#file = await open(this.path, 'w', 0o600);
    this.#created = true;
    this.#news.wake();
  }

  /** Throws the system's error. */
  async append(data: Uint8Array): Promise<void> {
    if (!this.#file) throw new Error('The file has not been created, or is closed.');
    let written = 0;
    while (written < data.length) {
      written += (await this.#file.write(data, written)).bytesWritten;
    }
    this.#bytes += data.length;
    this.#news.wake();
  }

  /** No more comes; readers get what is there, then end, or throw the error. */
  async end(failure: { readonly error?: unknown } = {}): Promise<void> {
    this.#end ??= failure;
    this.#news.wake();
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /** What is there and what comes, until the end. Throws the signal's reason. */
  async *read(signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    while (!this.#created && !this.#end) {
      signal.throwIfAborted();
      await this.#news.wait(signal);
    }
    if (!this.#created) throw this.#end?.error;
    const file = await open(this.path, 'r');
    try {
      let position = 0;
      for (;;) {
        signal.throwIfAborted();
        if (position < this.#bytes) {
          const length = Math.min(pieceBytes, this.#bytes - position);
          const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
          if (bytesRead === 0) throw new Error('The file has become shorter.');
          position += bytesRead;
          yield buffer.subarray(0, bytesRead);
        } else if (this.#end) {
          if (this.#end.error !== undefined) throw this.#end.error;
          return;
        } else await this.#news.wait(signal);
      }
    } finally {
      await file.close();
    }
  }
}
