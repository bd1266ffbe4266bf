import { fstatSync, read } from 'node:fs';
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { promisify } from 'node:util';

const readFile = promisify(read);
/** What a pipe of Linux holds. */
const pipeBytes = 65_536;

/** Bytes that are taken in pieces of a wanted length. One call at a time. */
export interface ByteSource {
  /** Fills the target. Resolves with the number of bytes, which is smaller at the end only. */
  fill(target: Uint8Array): Promise<number>;
  /** Ends a `fill` that waits. */
  close(): void;
}

/** A source whose first bytes may be looked at before they are taken. */
export class PeekableSource implements ByteSource {
  readonly #source: ByteSource;
  #head: Uint8Array = new Uint8Array(0);

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The next bytes, fewer at the end only. They are still to come. */
  async peek(length: number): Promise<Uint8Array> {
    const head = new Uint8Array(length);
    this.#head = head.subarray(0, await this.fill(head));
    return this.#head;
  }

  async fill(target: Uint8Array): Promise<number> {
    const head = this.#head.subarray(0, target.length);
    if (head.length === 0) return await this.#source.fill(target);
    this.#head = this.#head.subarray(head.length);
    target.set(head);
    return head.length + (await this.#source.fill(target.subarray(head.length)));
  }

  close(): void {
    this.#source.close();
  }
}

/** What comes on stdin. A file is read straight into the target. */
export function openStdin(): ByteSource {
  const stats = fstatSync(0);
  if (stats.isFile()) return new FileSource(0);
  if (stats.isFIFO() || stats.isSocket()) return new SocketSource(0);
  const { stdin } = process;
  return iteratedSource(stdin, () => stdin.destroy());
}

/** What an iteration gives, which is left with `close`. */
export function iteratedSource(chunks: AsyncIterable<Uint8Array>, close: () => void = () => {}): ByteSource {
  return new IteratedSource(chunks, close);
}

class FileSource implements ByteSource {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  async fill(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      const left = target.length - filled;
      const { bytesRead } = await readFile(this.#descriptor, target, filled, left, null);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  close(): void {}
}

class IteratedSource implements ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly close: () => void;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>, close: () => void) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.close = close;
  }

  async fill(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      if (this.#chunk.length === 0) {
        const next = await this.#chunks.next();
        if (next.done) break;
        this.#chunk = next.value;
      }
      const taken = this.#chunk.subarray(0, target.length - filled);
      target.set(taken, filled);
      filled += taken.length;
      this.#chunk = this.#chunk.subarray(taken.length);
    }
    return filled;
  }
}

/**
 * A pipe, through the event loop: a read that waits for it on a thread could not be ended, and would hold the end of the
 * process. All is read into one buffer, which for frames costs half of what a stream of chunks does.
 */
class SocketSource implements ByteSource {
  readonly #socket: Socket;
  /** Read and not taken yet. Nothing is read while there is some. */
  #rest: Uint8Array = new Uint8Array(0);
  #hasEnded = false;
  #error: Error | undefined;
  #wake: () => void = () => {};

  constructor(fd: number) {
    const options: SocketConstructorOpts & { readonly onread: OnReadOpts } = {
      fd,
      readable: true,
      writable: false,
      onread: {
        buffer: Buffer.allocUnsafeSlow(pipeBytes),
        callback: (length, buffer) => {
          this.#rest = buffer.subarray(0, length);
          this.#wake();
          return this.#rest.length === 0;
        },
      },
    };
    this.#socket = new Socket(options);
    const end = (error?: Error) => {
      this.#hasEnded = true;
      this.#error = error;
      this.#wake();
    };
    this.#socket.once('end', () => end()).once('error', end);
  }

  fill(target: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      let filled = 0;
      const take = () => {
        const part = this.#rest.subarray(0, target.length - filled);
        target.set(part, filled);
        filled += part.length;
        this.#rest = this.#rest.subarray(part.length);
        if (filled < target.length && !this.#hasEnded) return false;
        this.#wake = () => {};
        if (this.#error) reject(this.#error);
        else resolve(filled);
        return true;
      };
      this.#wake = take;
      if (!take()) this.#socket.resume();
    });
  }

  /** Whoever waits gets what came. */
  close(): void {
    this.#hasEnded = true;
    this.#socket.destroy();
    this.#wake();
  }
}
