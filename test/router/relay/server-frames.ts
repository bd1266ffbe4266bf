/** Frames as a server sends them, written after RFC 6455, section 5.2. */
export interface FrameParts {
  readonly opcode: number;
  readonly payload?: Buffer | string;
  readonly fin?: boolean;
  readonly compressed?: boolean;
  readonly masked?: boolean;
  /** Writes the length in at least so many bytes (1, 2 or 8). */
  readonly lengthBytes?: 1 | 2 | 8;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export function serverFrame(parts: FrameParts): Buffer {
  const { opcode, payload = '', fin = true, compressed = false, masked = false } = parts;
  const body = Buffer.from(payload);
  const lengthBytes = parts.lengthBytes ?? (body.length < 126 ? 1 : body.length < 65_536 ? 2 : 8);
  const header = Buffer.alloc(lengthBytes === 1 ? 2 : 2 + lengthBytes);
  header[0] = (fin ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode;
  const mask = masked ? 0x80 : 0;
  if (lengthBytes === 1) header[1] = mask | body.length;
  else if (lengthBytes === 2) {
    header[1] = mask | 126;
    header.writeUInt16BE(body.length, 2);
  } else {
    header[1] = mask | 127;
    header.writeBigUInt64BE(BigInt(body.length), 2);
  }
  // The mask of zeros leaves the payload as it is.
  return Buffer.concat([header, Buffer.alloc(masked ? 4 : 0), body]);
}
