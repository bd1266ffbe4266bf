import type { RawData } from 'ws';

/** A WebSocket message as it comes from `ws`, in one piece. Copied only where it came in several. */
export function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/** A text message, which `ws` has checked to be UTF-8. */
export function textOf(data: RawData): string {
  return bytesOf(data).toString('utf8');
}
