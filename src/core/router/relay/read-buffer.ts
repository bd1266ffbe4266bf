/** As much as HAProxy reads at once: sessions come in seconds of video, with pauses between them. */
const smallBytes = 16 * 1024;
/** For one that sends without a pause. */
const largeBytes = 256 * 1024;
const fullReadsBeforeLarge = 8;

/**
 * Where a connection is read into, over and over: a buffer for each read is garbage that costs more than the reading.
 * It is given away, and replaced, when what was read is still needed.
 */
export class ReadBuffer {
  #buffer = Buffer.allocUnsafeSlow(smallBytes);
  #fullReads = 0;

  /** What the next read goes into. */
  get bytes(): Buffer {
    return this.#buffer;
  }

  /** So many bytes were read. `use` gets them, and gives whether they are needed no more. */
  read(count: number, use: (chunk: Buffer) => boolean): void {
    const size = this.#buffer.length;
    const chunk = this.#buffer.subarray(0, count);
    // A few bytes that are kept must not keep the whole buffer.
    const isFew = count < size / 2;
    const isFree = use(isFew ? Buffer.from(chunk) : chunk) || isFew;
    this.#fullReads = count === size ? this.#fullReads + 1 : 0;
    const nextSize = this.#sizeAfter(count);
    if (!isFree || nextSize !== size) this.#buffer = Buffer.allocUnsafeSlow(nextSize);
  }

  #sizeAfter(count: number): number {
    if (count < smallBytes) return smallBytes;
    return this.#fullReads >= fullReadsBeforeLarge ? largeBytes : this.#buffer.length;
  }
}
