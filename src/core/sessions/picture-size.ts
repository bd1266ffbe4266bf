/** In pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Markers or chunks in front of the picture data; real pictures have tens of them. */
const mostHeaderParts = 10_000;

/*
 * These readers look at headers as strictly as the decoders behind them do (libpng, libjpeg, libwebp, Pillow), so that no
 * picture can show one size here and another one there; packages that guess the size of a picture are more lenient.
 * Nothing is decoded. Each gives undefined for what has no size that can be relied on.
 */

/** PNG, 11.2.1: the header chunk comes first and once. */
export function pngSize(png: Buffer): PictureSize | undefined {
  const first = 8;
  if (!isChunk(png, first, 'IHDR') || png.length < 33 || png.readUInt32BE(first) !== 13) return undefined;
  const size = checked(png.readUInt32BE(16), png.readUInt32BE(20));
  let at = 33;
  for (let count = 0; count < mostHeaderParts && at + 8 <= png.length; count += 1) {
    if (isChunk(png, at, 'IDAT')) return size;
    if (isChunk(png, at, 'IHDR')) return undefined;
    // Its length, its type and its checksum stand around its data.
    at += 12 + png.readUInt32BE(at);
  }
  return undefined;
}

function isChunk(png: Buffer, at: number, type: string): boolean {
  return png.toString('latin1', at + 4, at + 8) === type;
}

const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;

/** ITU-T T.81, B.1 and B.2.2: one frame header comes before the first scan. */
export function jpegSize(jpeg: Buffer): PictureSize | undefined {
  let size: PictureSize | undefined;
  let at = 2;
  for (let count = 0; count < mostHeaderParts; count += 1) {
    at = jpeg.indexOf(0xff, at);
    if (at === -1) return undefined;
    // Any number of fill bytes may stand before the code of a marker.
    while (jpeg[at] === 0xff) at += 1;
    const code = jpeg[at];
    at += 1;
    if (code === startOfScan) return size;
    if (code === undefined || code === startOfImage || code === endOfImage) return undefined;
    if (standsAlone(code)) continue;
    if (at + 2 > jpeg.length) return undefined;
    const length = jpeg.readUInt16BE(at);
    if (length < 2) return undefined;
    if (isFrameHeader(code)) {
      if (size || length < 8 || at + 7 > jpeg.length) return undefined;
      size = checked(jpeg.readUInt16BE(at + 5), jpeg.readUInt16BE(at + 3));
      if (!size) return undefined;
    }
    at += length;
  }
  return undefined;
}

/** Stuffing, TEM and the restart markers have no length. */
function standsAlone(code: number): boolean {
  return code === 0 || code === 0x01 || (code >= 0xd0 && code <= 0xd7);
}

/** SOF0 to SOF15 without DHT, JPG and DAC. */
function isFrameHeader(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}

/** The WebP container, "Simple File Format" and "Extended File Format"; RFC 6386, 9.1; the lossless bitstream, 3. */
export function webpSize(webp: Buffer): PictureSize | undefined {
  if (webp.length < 30) return undefined;
  switch (webp.toString('latin1', 12, 16)) {
    case 'VP8 ':
      if (webp.readUIntBE(23, 3) !== 0x9d012a) return undefined;
      return checked(webp.readUInt16LE(26) & 0x3fff, webp.readUInt16LE(28) & 0x3fff);
    case 'VP8L': {
      if (webp[20] !== 0x2f) return undefined;
      const bits = webp.readUInt32LE(21);
      return checked(1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff));
    }
    case 'VP8X':
      return checked(1 + webp.readUIntLE(24, 3), 1 + webp.readUIntLE(27, 3));
    default:
      return undefined;
  }
}

function checked(width: number, height: number): PictureSize | undefined {
  return width > 0 && height > 0 ? { width, height } : undefined;
}
