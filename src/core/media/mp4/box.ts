import { FastVideoError } from '../../base/errors.ts';

/** One box of an ISO base media file (ISO/IEC 14496-12, section 4.2). All offsets are within the bytes it was read from. */
export interface Box {
  /** Four characters, e.g. `moof`. */
  readonly type: string;
  readonly start: number;
  /** Where the payload starts: 8 bytes after `start`, or 16 for a box with a 64-bit size. */
  readonly body: number;
  readonly end: number;
}

/** Bytes of the smallest box header. */
export const headerSize = 8;
/** Of the largest: one with a 64-bit size. */
export const maxHeaderSize = 16;

/** Boxes whose payload is boxes only, with the bytes that come before the first of them. */
const containerPrefix: Readonly<Record<string, number>> = {
  moov: 0,
  trak: 0,
  mdia: 0,
  minf: 0,
  stbl: 0,
  mvex: 0,
  moof: 0,
  traf: 0,
  // FullBox version and flags, then entry_count.
  stsd: 8,
};

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}

/** The fields of a box, each at its offset in the payload. Throws `encoder_failed` for one that the box does not have. */
export class BoxFields {
  /** Bytes of the payload. */
  readonly length: number;
  readonly #view: DataView;
  readonly #type: string;

  constructor(data: Uint8Array, { type, body, end }: Box) {
    this.length = Math.max(0, end - body);
    this.#type = type;
    this.#view = new DataView(data.buffer, data.byteOffset + body, this.length);
  }

  uint8(at: number): number {
    return this.#view.getUint8(this.#within(at, 1));
  }

  uint32(at: number): number {
    return this.#view.getUint32(this.#within(at, 4));
  }

  uint64(at: number): number {
    return Number(this.#view.getBigUint64(this.#within(at, 8)));
  }

  setUint32(at: number, value: number): void {
    this.#view.setUint32(this.#within(at, 4), value);
  }

  setUint64(at: number, value: number): void {
    this.#view.setBigUint64(this.#within(at, 8), BigInt(value));
  }

  #within(at: number, bytes: number): number {
    if (at >= 0 && at + bytes <= this.length) return at;
    throw malformed(`${shownType(this.#type)} is ${this.length} bytes long and has nothing at byte ${at}`);
  }
}

/** The low 24 bits of the first field of a FullBox, after its version. */
export function flagsOf(fields: BoxFields): number {
  return fields.uint32(0) & 0xffffff;
}

/** Without a `DataView`: making one for each box is most of the cost of walking through them. */
function readUint32(data: Uint8Array, offset: number): number {
  const byte = (at: number) => data[offset + at] ?? 0;
  return ((byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3)) >>> 0;
}

export function malformed(what: string): FastVideoError {
  return new FastVideoError('encoder_failed', `The MP4 is malformed: ${what}.`);
}

/**
 * The size in bytes that the header at `offset` states, or undefined while the header is not whole.
 * Throws `encoder_failed` for a size smaller than the header, and for `size` 0 ("to the end of the file"), which a
 * live stream cannot hold.
 */
export function readBoxSize(data: Uint8Array, offset: number, end: number): number | undefined {
  if (end - offset < headerSize) return undefined;
  const size = readUint32(data, offset);
  if (size === 0) throw malformed(`box '${readType(data, offset)}' at byte ${offset} has no size`);
  if (size !== 1) {
    if (size < headerSize)
      throw malformed(`box at byte ${offset} has a size of ${size}, less than its header`);
    return size;
  }
  if (end - offset < headerSize + 8) return undefined;
  const largeSize = viewOf(data).getBigUint64(offset + headerSize);
  if (largeSize < 16n || largeSize > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw malformed(`box at byte ${offset} has an impossible 64-bit size of ${largeSize}`);
  }
  return Number(largeSize);
}

/** The boxes that lie one after the other in `data` from `start` to `end`. Throws `encoder_failed` when one does not fit. */
export function* iterateBoxes(
  data: Uint8Array,
  start = 0,
  end = data.length,
): Generator<Box, void, undefined> {
  for (let offset = start; offset < end; ) {
    const size = readBoxSize(data, offset, end);
    if (size === undefined)
      throw malformed(`${end - offset} bytes at byte ${offset} are not a whole box header`);
    const type = readType(data, offset);
    if (offset + size > end) {
      throw malformed(
        `box ${shownType(type)} at byte ${offset} is ${size} bytes long, but only ${end - offset} are there`,
      );
    }
    const large = readUint32(data, offset) === 1;
    yield { type, start: offset, body: offset + (large ? 16 : headerSize), end: offset + size };
    offset += size;
  }
}

/** The boxes inside a container box. */
export function childBoxes(data: Uint8Array, box: Box): Generator<Box, void, undefined> {
  return iterateBoxes(data, box.body + (containerPrefix[box.type] ?? 0), box.end);
}

/** The first box at the end of a path such as `moov/trak/mdia`, looked for in `within`, or undefined. */
export function findBox(data: Uint8Array, path: string, within?: Box): Box | undefined {
  let found: Box | undefined = within;
  for (const type of path.split('/')) {
    const boxes: Iterable<Box> = found ? childBoxes(data, found) : iterateBoxes(data);
    found = undefined;
    for (const box of boxes) {
      if (box.type !== type) continue;
      found = box;
      break;
    }
    if (!found) return undefined;
  }
  return found;
}

/** As `findBox`, but throws `encoder_failed` when there is no such box. */
export function requireBox(data: Uint8Array, path: string, within?: Box): Box {
  const box = findBox(data, path, within);
  if (!box) throw malformed(`there is no '${path}'${within ? ` in its ${shownType(within.type)}` : ''}`);
  return box;
}

/** Of media that is broken, four bytes may be anything. */
export function shownType(type: string): string {
  return `'${type.replaceAll(/[^\x20-\x7e]/g, '?')}'`;
}

export function readType(data: Uint8Array, offset: number): string {
  const byte = (at: number) => data[offset + at] ?? 0;
  return String.fromCharCode(byte(4), byte(5), byte(6), byte(7));
}
