import { isUtf8 } from 'node:buffer';
import { FramedMessage } from '../wire/message.ts';

/** Where a frame of a server's ends, and whether it is one of those that carry a whole message. */
interface Header {
  /** `odd`: continued, compressed, masked, too long, or against the protocol (RFC 6455, section 5.2). */
  readonly kind: 'text' | 'binary' | 'control' | 'odd';
  readonly headerBytes: number;
  readonly frameBytes: number;
}

export interface FrameSink {
  /** A frame that is a message. Gives whether its bytes are needed no more. */
  message(message: FramedMessage): boolean;
  /** A whole control frame, to be copied. Gives whether the connection goes on behind it. */
  control(frame: Buffer): boolean;
  /** All that comes from here on, to be copied: a frame's first byte and whatever follows. */
  rest(bytes: Buffer): void;
  /** Asked behind each frame: whether the next one of the same chunk may be given now. */
  goesOn(): boolean;
}

const kinds = new Map<number, Header['kind']>([
  [0x81, 'text'],
  [0x82, 'binary'],
  [0x88, 'control'],
  [0x89, 'control'],
  [0x8a, 'control'],
]);
const maxHeaderBytes = 10;
const maxControlBytes = 125;

/**
 * Finds the frames in what a server sends. Frames that are a message each are given as they are, without a copy; from
 * the first that is anything else, control frames apart, all goes to the sink's `rest`.
 */
export class FrameSplitter {
  readonly #maxPayloadBytes: number;
  readonly #sink: FrameSink;
  #pieces: Buffer[] = [];
  /** Bytes in the pieces. */
  #bytes = 0;
  /** Of the frame that the pieces begin with, as soon as enough of it is there. */
  #header: Header | undefined;
  #isOver = false;
  /** Whether nothing of the present chunk is needed any more. */
  #isFree = true;
  #left: Buffer | undefined;

  constructor(maxPayloadBytes: number, sink: FrameSink) {
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#sink = sink;
  }

  /** What of the last chunk was not looked at, because the sink did not go on: to be pushed before anything else. */
  get left(): Buffer | undefined {
    return this.#left;
  }

  /** Gives whether nothing in the chunk is needed any more, so that other bytes may be read into its place. */
  push(chunk: Buffer): boolean {
    this.#isFree = true;
    this.#left = undefined;
    let rest = chunk;
    while (rest.length > 0 && !this.#isOver) {
      if (!this.#header) {
        // What was there of the header before is put together with what has come: its first piece holds all of it.
        if (this.#pieces.length > 0) rest = Buffer.concat([...this.#takePieces(), rest]);
        this.#header = readHeader(rest, this.#maxPayloadBytes);
        if (this.#header?.kind === 'odd') this.#isOver = true;
        if (!this.#header || this.#isOver) break;
      }
      const taken = rest.subarray(0, this.#header.frameBytes - this.#bytes);
      this.#addPiece(taken);
      rest = rest.subarray(taken.length);
      if (this.#bytes < this.#header.frameBytes) continue;
      this.#frameCame(this.#header);
      if (rest.length === 0 || this.#isOver || this.#sink.goesOn()) continue;
      this.#left = rest;
      return false;
    }
    if (this.#isOver && rest.length > 0) this.#sink.rest(rest);
    else if (rest.length > 0) this.#addPiece(rest);
    this.#keepBegun(chunk.length);
    return this.#isFree;
  }

  /** The beginning of a frame stays here until the rest has come: copied, unless that is most of the chunk. */
  #keepBegun(chunkBytes: number): void {
    const begun = this.#pieces.pop();
    if (!begun) return;
    const isMost = begun.length > chunkBytes / 2;
    this.#pieces.push(isMost ? begun : Buffer.from(begun));
    if (isMost) this.#isFree = false;
  }

  #addPiece(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  #frameCame({ kind, headerBytes }: Header): void {
    this.#header = undefined;
    const [first, ...more] = this.#takePieces();
    if (!first) return;
    if (kind === 'control') {
      this.#isOver = !this.#sink.control(more.length === 0 ? first : Buffer.concat([first, ...more]));
      return;
    }
    const message = new FramedMessage(kind === 'binary', [first, ...more], headerBytes);
    if (kind === 'binary' || isUtf8(message.data)) {
      if (!this.#sink.message(message)) this.#isFree = false;
    } else {
      this.#isOver = true;
      this.#sink.rest(Buffer.concat([first, ...more]));
    }
  }

  #takePieces(): Buffer[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#bytes = 0;
    return pieces;
  }
}

/** Undefined while there is not enough of it. */
function readHeader(bytes: Buffer, maxPayloadBytes: number): Header | undefined {
  const [first, second] = bytes;
  if (first === undefined) return undefined;
  const kind = kinds.get(first);
  if (!kind) return { kind: 'odd', headerBytes: 0, frameBytes: 0 };
  if (second === undefined) return undefined;
  const length = readLength(bytes, second);
  if (!length) return undefined;
  const { headerBytes, payloadBytes } = length;
  const isOdd = kind === 'control' ? second > maxControlBytes : payloadBytes > maxPayloadBytes;
  return { kind: isOdd ? 'odd' : kind, headerBytes, frameBytes: headerBytes + payloadBytes };
}

/** A masked frame, and one whose length is not written in the shortest way, is read as endless. */
function readLength(
  bytes: Buffer,
  second: number,
): { headerBytes: number; payloadBytes: number } | undefined {
  if (second < 126) return { headerBytes: 2, payloadBytes: second };
  if (second === 126) {
    if (bytes.length < 4) return undefined;
    const payloadBytes = bytes.readUInt16BE(2);
    return { headerBytes: 4, payloadBytes: payloadBytes < 126 ? Number.POSITIVE_INFINITY : payloadBytes };
  }
  if (second === 127) {
    if (bytes.length < maxHeaderBytes) return undefined;
    const payloadBytes = Number(bytes.readBigUInt64BE(2));
    return {
      headerBytes: maxHeaderBytes,
      payloadBytes: payloadBytes < 65_536 ? Number.POSITIVE_INFINITY : payloadBytes,
    };
  }
  return { headerBytes: 2, payloadBytes: Number.POSITIVE_INFINITY };
}
