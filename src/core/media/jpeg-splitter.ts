import { FastVideoError } from '../base/errors.ts';

/** No picture of ours comes near this; a file that goes on for longer is garbage, and must not fill the memory. */
const largestFile = 64 * 1024 * 1024;

/** Marker codes of ITU-T T.81, table B.1: the byte behind 0xFF. */
const startOfFrame0 = 0xc0;
const restart0 = 0xd0;
const restart7 = 0xd7;
const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;

/** Which part of the file the next byte belongs to. */
type Part =
  | 'before SOI'
  | 'SOI'
  | 'marker'
  | 'marker code'
  | 'length, high byte'
  | 'length, low byte'
  | 'segment'
  | 'scan'
  | 'scan, behind 0xFF';

/**
 * Cuts a byte stream into the JPEG files that lie in it one behind the other. Follows the marker segments by their
 * lengths (ITU-T T.81, B.1.1.4) and the entropy-coded data to its next marker (B.1.1.5), so bytes inside a segment that
 * look like an end do not end a file. Holds at most one unfinished file.
 */
export class JpegSplitter {
  readonly #largestFile: number;
  #chunks: Uint8Array[] = [];
  #length = 0;
  #part: Part = 'before SOI';
  /** Bytes of the marker segment that are still to come; before its low byte, the high byte of the length. */
  #segmentBytes = 0;
  /** Whether entropy-coded data follows the marker segment. */
  #scanFollows = false;

  constructor(largest = largestFile) {
    this.#largestFile = largest;
  }

  /** Bytes that wait for the rest of their file. */
  get pendingBytes(): number {
    return this.#length;
  }

  /**
   * Gives the files that `chunk` makes whole; they may share its memory. Throws `encoder_failed` for anything that is
   * not a JPEG file (bytes between two files too), and for a file over 64 MiB.
   */
  push(chunk: Uint8Array): Uint8Array[] {
    const files: Uint8Array[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; ) {
      at = this.#walk(chunk, at);
      if (this.#length + at - from > this.#largestFile) {
        throw malformed(`a file has more than ${this.#largestFile} bytes`);
      }
      if (this.#part !== 'before SOI') continue;
      this.#keep(chunk.subarray(from, at));
      files.push(this.#take());
      from = at;
    }
    this.#keep(chunk.subarray(from));
    return files;
  }

  #keep(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#chunks.push(part);
    this.#length += part.length;
  }

  #take(): Uint8Array {
    const [only, ...more] = this.#chunks;
    const file = only && more.length === 0 ? only : Buffer.concat(this.#chunks, this.#length);
    this.#chunks = [];
    this.#length = 0;
    return file;
  }

  /** Goes from `at` as far as the part lasts, at most to the end of `data`; gives the position behind. */
  #walk(data: Uint8Array, at: number): number {
    if (this.#part === 'segment') {
      const taken = Math.min(this.#segmentBytes, data.length - at);
      this.#segmentBytes -= taken;
      if (this.#segmentBytes === 0) this.#part = this.#scanFollows ? 'scan' : 'marker';
      return at + taken;
    }
    if (this.#part === 'scan') {
      const found = data.indexOf(0xff, at);
      if (found === -1) return data.length;
      this.#part = 'scan, behind 0xFF';
      return found + 1;
    }
    this.#part = this.#partAfter(this.#part, data[at] ?? 0);
    return at + 1;
  }

  #partAfter(part: Exclude<Part, 'segment' | 'scan'>, byte: number): Part {
    switch (part) {
      case 'before SOI':
        if (byte !== 0xff) throw unexpected(byte, 'SOI');
        return 'SOI';
      case 'SOI':
        if (byte !== startOfImage) throw unexpected(byte, 'SOI');
        return 'marker';
      case 'marker':
        if (byte !== 0xff) throw unexpected(byte, 'a marker');
        return 'marker code';
      case 'marker code':
        return this.#partAfterMarker(byte, 'marker code');
      case 'scan, behind 0xFF':
        // A stuffed zero makes 0xFF a byte of the data; restart markers lie between its intervals.
        if (byte === 0 || (byte >= restart0 && byte <= restart7)) return 'scan';
        return this.#partAfterMarker(byte, part);
      case 'length, high byte':
        this.#segmentBytes = byte << 8;
        return 'length, low byte';
      case 'length, low byte':
        // The length counts its own two bytes.
        this.#segmentBytes += byte - 2;
        if (this.#segmentBytes < 0) throw malformed('a marker segment is shorter than its length field');
        if (this.#segmentBytes > 0) return 'segment';
        return this.#scanFollows ? 'scan' : 'marker';
    }
  }

  #partAfterMarker(code: number, here: Part): Part {
    // Any marker may have fill bytes in front (B.1.1.2).
    if (code === 0xff) return here;
    if (code === endOfImage) return 'before SOI';
    // No parameters (RST, SOI) or no meaning (reserved): nothing that may stand between two segments.
    if (code < startOfFrame0 || (code >= restart0 && code <= startOfImage)) {
      throw unexpected(code, 'the code of a marker segment');
    }
    this.#scanFollows = code === startOfScan;
    return 'length, high byte';
  }
}

function unexpected(byte: number, wanted: string): FastVideoError {
  return malformed(`byte 0x${byte.toString(16).padStart(2, '0')} is in the place of ${wanted}`);
}

function malformed(what: string): FastVideoError {
  return new FastVideoError('encoder_failed', `The JPEG stream is malformed: ${what}.`);
}
