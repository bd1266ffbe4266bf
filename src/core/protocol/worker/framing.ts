/**
 * One message between server and worker, on a pipe: two unsigned 32-bit big-endian lengths, the JSON header in UTF-8,
 * then the binary payload (possibly empty). Media and sound travel as payload, never through JSON.
 */
const prefixLength = 8;

/** Header and payload of one message as they came. */
export interface RawMessage {
  readonly header: unknown;
  readonly payload: Uint8Array;
}

export interface FramingLimits {
  /** Bytes of a header at most; default 64 MiB. */
  readonly maxHeaderBytes?: number;
  /** Bytes of a payload at most; default 256 MiB. */
  readonly maxPayloadBytes?: number;
}

/** The prefix and the header; the payload follows on the wire as it is. */
export function encodeMessage(header: object, payloadLength: number): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(prefixLength + json.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, json.length);
  view.setUint32(4, payloadLength);
  bytes.set(json, prefixLength);
  return bytes;
}

/** Cuts a byte stream into messages. Throws a `RangeError` when a length is over its limit: the stream is then lost. */
export class MessageReader {
  readonly #maxHeader: number;
  readonly #maxPayload: number;
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #needed = prefixLength;

  constructor(limits: FramingLimits = {}) {
    this.#maxHeader = limits.maxHeaderBytes ?? 64 * 2 ** 20;
    this.#maxPayload = limits.maxPayloadBytes ?? 256 * 2 ** 20;
  }

  /** Takes the next bytes of the stream and gives the messages that are whole now. */
  *push(chunk: Uint8Array): Generator<RawMessage, void, undefined> {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    while (this.#buffered >= this.#needed) {
      const bytes = this.#join();
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const headerLength = view.getUint32(0);
      const payloadLength = view.getUint32(4);
      if (headerLength > this.#maxHeader || payloadLength > this.#maxPayload) {
        throw new RangeError(`A message of ${headerLength} + ${payloadLength} bytes is over the limit.`);
      }
      const end = prefixLength + headerLength + payloadLength;
      if (bytes.length < end) {
        this.#needed = end;
        return;
      }
      const json = new TextDecoder().decode(bytes.subarray(prefixLength, prefixLength + headerLength));
      this.#chunks = [bytes.subarray(end)];
      this.#buffered = bytes.length - end;
      this.#needed = prefixLength;
      yield { header: JSON.parse(json), payload: bytes.subarray(prefixLength + headerLength, end) };
    }
  }

  #join(): Uint8Array {
    const [only] = this.#chunks;
    if (only !== undefined && this.#chunks.length === 1) return only;
    const bytes = new Uint8Array(this.#buffered);
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    this.#chunks = [bytes];
    return bytes;
  }
}
