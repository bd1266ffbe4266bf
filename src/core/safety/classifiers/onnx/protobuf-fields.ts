import type { FileCursor } from '../file-cursor.ts';

/** How a field is written (https://protobuf.dev/programming-guides/encoding/). */
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** One field of a message. */
export interface ProtobufField {
  readonly number: number;
  /** Of a whole number its value; of a text, bytes or a message its length in bytes; 0 of a fixed-size number. */
  readonly value: number;
  /** Where in the file it ends. For a text, bytes or a message the cursor stands at their beginning. */
  readonly end: number;
  /** Whether it is a text, bytes or a message. */
  readonly hasBytes: boolean;
}

/**
 * The fields of the message from the cursor's place up to `end`. What is not read of a field is skipped, so that weights
 * are never held in memory. Throws `RangeError` for bytes that are no message.
 */
export function* protobufFields(file: FileCursor, end: number): Generator<ProtobufField> {
  while (file.at < end) {
    const tag = varint(file);
    const number = Math.floor(tag / 8);
    const kind = tag % 8;
    const value = kind === wire.varint || kind === wire.bytes ? varint(file) : 0;
    const field = { number, value, end: file.at + sizeOf(kind, value), hasBytes: kind === wire.bytes };
    if (number === 0 || field.end > end) throw new RangeError('A field goes beyond its message.');
    yield field;
    file.skip(field.end - file.at);
  }
}

/** Bytes of a field that follow its tag, and its length where it has one. */
function sizeOf(kind: number, length: number): number {
  switch (kind) {
    case wire.varint:
      return 0;
    case wire.bytes:
      return length;
    case wire.fixed64:
      return 8;
    case wire.fixed32:
      return 4;
    default:
      throw new RangeError(`There is no wire type ${kind}.`);
  }
}

/** Exact up to 2^53; nothing that is read here is larger. */
function varint(file: FileCursor): number {
  let value = 0;
  for (let place = 0; place < 10; place += 1) {
    const byte = file.uint8();
    value += (byte & 0x7f) * 2 ** (7 * place);
    if (byte < 0x80) return value;
  }
  throw new RangeError('A number has more than ten bytes.');
}
