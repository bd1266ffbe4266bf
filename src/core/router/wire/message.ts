import type { RawData } from 'ws';
import { type Bytes, ScatteredBytes } from '../../base/bytes.ts';
import { bytesOf } from '../../base/ws-data.ts';

/** One WebSocket message as it came, text or binary. */
export interface Message {
  /** Its payload, in one piece. */
  readonly data: Buffer;
  readonly isBinary: boolean;
  /** The frame that it came in, where that can be sent on as it is. */
  readonly frame?: WireFrame;
}

export interface WireFrame {
  /** Header and payload, in the pieces that they were read in. */
  readonly pieces: readonly Buffer[];
  readonly payload: Bytes;
}

/** A message in a frame of its own, unmasked: it can be sent to a client as it is. */
export class FramedMessage implements Message {
  readonly isBinary: boolean;
  readonly frame: WireFrame;
  #data: Buffer | undefined;

  /** `pieces`: at least the header lies in the first one. */
  constructor(isBinary: boolean, pieces: readonly [Buffer, ...Buffer[]], headerBytes: number) {
    const [first, ...rest] = pieces;
    this.isBinary = isBinary;
    this.frame = { pieces, payload: new ScatteredBytes([first.subarray(headerBytes), ...rest]) };
  }

  /** Made when it is asked for: of a payload in several pieces it is a copy. */
  get data(): Buffer {
    const { payload } = this.frame;
    this.#data ??= payload.subarray(0, payload.length) as Buffer;
    return this.#data;
  }
}

export function messageOf(data: RawData, isBinary: boolean): Message {
  return { data: bytesOf(data), isBinary };
}

/** What a message says, in one piece or in several. */
export function payloadOf(message: Message): Bytes {
  return message.frame?.payload ?? message.data;
}
