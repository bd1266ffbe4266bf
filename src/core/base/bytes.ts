/** Bytes that can be looked at in part: a `Uint8Array`, or pieces that stand for one. */
export interface Bytes {
  readonly length: number;
  /** Those from `start` to before `end`, in one piece. */
  subarray(start: number, end: number): Uint8Array;
}

/** Bytes as they were read, in several pieces, which are not put together as long as nobody needs them so. */
export class ScatteredBytes implements Bytes {
  readonly length: number;
  readonly #pieces: readonly Buffer[];

  constructor(pieces: readonly Buffer[]) {
    this.#pieces = pieces;
    this.length = pieces.reduce((sum, { length }) => sum + length, 0);
  }

  /** A view where they lie in one piece, and else a copy. Offsets beyond the end are the end. */
  subarray(start: number, end: number): Buffer {
    const parts: Buffer[] = [];
    let offset = 0;
    for (const piece of this.#pieces) {
      if (offset >= end) break;
      if (offset + piece.length > start) {
        parts.push(piece.subarray(Math.max(start - offset, 0), end - offset));
      }
      offset += piece.length;
    }
    const [first = Buffer.alloc(0), ...rest] = parts;
    return rest.length === 0 ? first : Buffer.concat(parts);
  }
}
