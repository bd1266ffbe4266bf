import type { RawData } from 'ws';

/** One WebSocket message as it came, text or binary. */
export interface Message {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

export function messageOf(data: RawData, isBinary: boolean): Message {
  if (Buffer.isBuffer(data)) return { data, isBinary };
  return { data: Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data), isBinary };
}
