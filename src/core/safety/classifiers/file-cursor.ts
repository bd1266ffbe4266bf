import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const windowBytes = 1024 * 1024;

/** Reads a little-endian file from front to back without holding it in memory. Throws `RangeError` past its end. */
export class FileCursor implements Disposable {
  readonly #fd: number;
  readonly #size: number;
  readonly #window = Buffer.alloc(windowBytes);
  #windowStart = 0;
  #windowLength = 0;
  #at = 0;

  constructor(path: string) {
    this.#fd = openSync(path, 'r');
    this.#size = fstatSync(this.#fd).size;
  }

  /** Bytes read or skipped so far. */
  get at(): number {
    return this.#at;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#size - this.#at;
  }

  uint8(): number {
    return this.#window.readUInt8(this.#take(1));
  }

  int32(): number {
    return this.#window.readInt32LE(this.#take(4));
  }

  int64(): number {
    return Number(this.#window.readBigInt64LE(this.#take(8)));
  }

  /** Bytes up to a zero, which is read too, as UTF-8. */
  text(): string {
    const bytes: number[] = [];
    for (let byte = this.uint8(); byte !== 0; byte = this.uint8()) bytes.push(byte);
    return Buffer.from(bytes).toString('utf8');
  }

  /** That many bytes as UTF-8; at most a mebibyte. */
  textOf(length: number): string {
    const at = this.#take(length);
    return this.#window.toString('utf8', at, at + length);
  }

  skip(count: number): void {
    if (!(count >= 0 && count <= this.left)) throw new RangeError('The file ends too early.');
    this.#at += count;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  /** Makes `count` bytes readable and goes past them; gives their place in the window. */
  #take(count: number): number {
    const at = this.#at;
    this.skip(count);
    if (at < this.#windowStart || at + count > this.#windowStart + this.#windowLength) {
      this.#windowLength = readSync(this.#fd, this.#window, 0, windowBytes, at);
      this.#windowStart = at;
      if (this.#windowLength < count) throw new RangeError('The file ends too early.');
    }
    return at - this.#windowStart;
  }
}
