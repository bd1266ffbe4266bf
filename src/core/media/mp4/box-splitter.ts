import { malformed, readBoxSize, readType, shownType } from './box.ts';

/** A whole top-level box with its header. */
export interface TopLevelBox {
  readonly type: string;
  readonly data: Uint8Array;
}

/** No fragment of ours comes near this; a larger size is garbage, and must not make us wait for it. */
const largestBox = 512 * 1024 * 1024;

/** Cuts a byte stream into its top-level boxes. Holds at most one unfinished box. */
export class BoxSplitter {
  #chunks: Uint8Array[] = [];
  #length = 0;
  /** Bytes that must be there before there is anything new to say. */
  #wanted = 8;

  /** Bytes that wait for the rest of their box. */
  get pendingBytes(): number {
    return this.#length;
  }

  /** Gives the boxes that `chunk` makes whole. Throws `encoder_failed` for a malformed size. */
  push(chunk: Uint8Array): TopLevelBox[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#wanted) return [];
    const data = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#length);
    const boxes: TopLevelBox[] = [];
    let offset = 0;
    for (;;) {
      const size = readBoxSize(data, offset, data.length);
      if (size !== undefined && size > largestBox) {
        throw malformed(
          `box ${shownType(readType(data, offset))} claims ${size} bytes, more than ${largestBox}`,
        );
      }
      this.#wanted = size ?? Math.max(data.length - offset + 1, 8);
      if (size === undefined || offset + size > data.length) break;
      boxes.push({ type: readType(data, offset), data: data.subarray(offset, offset + size) });
      offset += size;
    }
    this.#length = data.length - offset;
    this.#chunks = this.#length === 0 ? [] : [data.subarray(offset)];
    return boxes;
  }
}
