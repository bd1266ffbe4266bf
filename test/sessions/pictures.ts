import { crc32 } from 'node:zlib';

/** Headers of pictures that claim a size; there is hardly anything to decode behind them. */
export interface Claimed {
  readonly width: number;
  readonly height: number;
}

export function pngChunk(type: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([u32(data.length), named, u32(crc32(named))]);
}

export function pngHeader({ width, height }: Claimed): Buffer {
  return pngChunk('IHDR', Buffer.concat([u32(width), u32(height), Buffer.from([8, 2, 0, 0, 0])]));
}

/** `before`: chunks between the header and the data. */
export function png(size: Claimed, before: readonly Buffer[] = []): Buffer {
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = [pngChunk('IDAT', Buffer.alloc(4)), pngChunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, pngHeader(size), ...before, ...data]);
}

export function jpegSegment(code: number, data: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0xff, code]), u16(data.length + 2), data]);
}

/** `code`: SOF0 to SOF15. */
export function jpegFrame({ width, height }: Claimed, code = 0xc0): Buffer {
  const components = Buffer.from([1, 1, 0x11, 0]);
  return jpegSegment(code, Buffer.concat([Buffer.from([8]), u16(height), u16(width), components]));
}

/** With those segments between its start and its first scan. */
export function jpeg(...segments: readonly Buffer[]): Buffer {
  const scan = jpegSegment(0xda, Buffer.from([1, 1, 0, 0, 63, 0]));
  return Buffer.concat([Buffer.from([0xff, 0xd8]), ...segments, scan, Buffer.from([0, 0xff, 0xd9])]);
}

export function webp(kind: 'VP8 ' | 'VP8L' | 'VP8X', size: Claimed): Buffer {
  const data = webpData(kind, size);
  const body = Buffer.concat([Buffer.from(`WEBP${kind}`), u32le(data.length), data]);
  return Buffer.concat([Buffer.from('RIFF'), u32le(body.length), body]);
}

function webpData(kind: 'VP8 ' | 'VP8L' | 'VP8X', { width, height }: Claimed): Buffer {
  if (kind === 'VP8L') {
    const bits = (width - 1) | ((height - 1) << 14);
    return Buffer.concat([Buffer.from([0x2f]), u32le(bits >>> 0), Buffer.alloc(8)]);
  }
  if (kind === 'VP8 ') {
    return Buffer.concat([
      Buffer.from([0x30, 1, 0, 0x9d, 1, 0x2a]),
      u32le((height << 16) | width),
      Buffer.alloc(8),
    ]);
  }
  const canvas = Buffer.alloc(10);
  canvas.writeUIntLE(width - 1, 4, 3);
  canvas.writeUIntLE(height - 1, 7, 3);
  return canvas;
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function u32le(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
