/** How the pixels of a raw frame lie in memory, by FFmpeg's names: 8 bits each, planes without padding. */
export type RawFormat = 'rgb24' | 'yuv420p' | 'yuv422p' | 'yuv444p' | 'gray';

/** Bytes of one frame. A chroma plane of an odd side has its half rounded up. */
export function rawFrameBytes(format: RawFormat, width: number, height: number): number {
  const pixels = width * height;
  const halfWidth = Math.ceil(width / 2);
  switch (format) {
    case 'rgb24':
    case 'yuv444p':
      return pixels * 3;
    case 'yuv422p':
      return pixels + 2 * halfWidth * height;
    case 'yuv420p':
      return pixels + 2 * halfWidth * Math.ceil(height / 2);
    case 'gray':
      return pixels;
  }
}
