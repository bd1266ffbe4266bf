import type { RawData } from 'ws';

/** A WebSocket message as it comes from `ws`, in one piece. Copied only where it came in several. */
export function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/**
 * A text message, which `ws` has checked to be UTF-8, as it is: a byte order mark is no part of JSON (RFC 8259, section
 * 8.1), and stays where it is for the parser to refuse.
 */
export function textOf(data: RawData): string {
  return bytesOf(data).toString('utf8');
}
