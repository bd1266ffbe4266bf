import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { jpegSize, pngSize, webpSize } from '../../src/core/sessions/picture-size.ts';
import { jpeg, jpegFrame, jpegSegment, png, pngChunk, pngHeader, webp } from './pictures.ts';

const small = { width: 8, height: 4 };
const huge = { width: 60_000, height: 50_000 };
const exif = jpegSegment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), jpegFrame(small)]));

/** By ffmpeg, 66x34. */
async function made(codec: string, muxer: string, ...options: string[]): Promise<Buffer> {
  const source = ['-f', 'lavfi', '-i', 'testsrc=size=66x34:rate=5:duration=1'];
  const args = ['-v', 'error', ...source, '-c:v', codec, ...options, '-f', muxer, '-'];
  const { stdout } = await promisify(execFile)('/usr/bin/ffmpeg', args, { encoding: 'buffer' });
  return stdout;
}

describe('the size in the header of a picture', () => {
  it.each([
    ['a PNG', pngSize, 'png', 'image2pipe', ['-frames:v', '1']],
    ['an animated PNG', pngSize, 'apng', 'apng', []],
    ['a JPEG', jpegSize, 'mjpeg', 'image2pipe', ['-frames:v', '1']],
    ['a WebP', webpSize, 'libwebp', 'webp', ['-frames:v', '1']],
    ['a lossless WebP', webpSize, 'libwebp', 'webp', ['-frames:v', '1', '-lossless', '1']],
    ['an animated WebP', webpSize, 'libwebp_anim', 'webp', []],
  ] as const)('is read from %s that ffmpeg has made', async (_, read, codec, muxer, options) => {
    expect(read(await made(codec, muxer, ...options))).toEqual({ width: 66, height: 34 });
  });

  it.each([
    ['a PNG with chunks before its data', pngSize, png(huge, [pngChunk('tEXt', Buffer.alloc(500))]), huge],
    ['a progressive JPEG', jpegSize, jpeg(jpegFrame(huge, 0xc2)), huge],
    ['an arithmetic JPEG', jpegSize, jpeg(jpegFrame(huge, 0xc9)), huge],
    ['a JPEG with a picture in its Exif', jpegSize, jpeg(exif, jpegFrame(huge)), huge],
    ['a JPEG with fill bytes before a marker', jpegSize, jpeg(Buffer.alloc(3, 0xff), jpegFrame(huge)), huge],
    ['the largest lossy WebP', webpSize, webp('VP8 ', { width: 16_383, height: 16_383 }), 16_383],
    ['the largest lossless WebP', webpSize, webp('VP8L', { width: 16_384, height: 16_384 }), 16_384],
    ['the largest canvas of a WebP', webpSize, webp('VP8X', { width: 2 ** 24, height: 2 ** 24 }), 2 ** 24],
  ] as const)('is read from %s', (_, read, bytes, size) => {
    expect(read(bytes)).toEqual(typeof size === 'number' ? { width: size, height: size } : size);
  });

  it.each([
    ['a PNG without its header', pngSize, png(small).subarray(0, 20)],
    ['a PNG whose header is not the first chunk', pngSize, withoutHeader(png(small))],
    ['a PNG with two headers', pngSize, png(small, [pngHeader(huge)])],
    ['a PNG that ends before its data', pngSize, png(small).subarray(0, 40)],
    ['a PNG with a chunk of 4 GB', pngSize, png(small, [Buffer.from('ffffffff74455874', 'hex')])],
    [
      'a PNG with very many chunks',
      pngSize,
      png(small, Array(20_000).fill(pngChunk('tEXt', Buffer.alloc(0)))),
    ],
    ['a PNG without pixels', pngSize, png({ width: 0, height: 4 })],
    ['a JPEG without a frame header', jpegSize, jpeg(exif)],
    ['a JPEG with two frame headers', jpegSize, jpeg(jpegFrame(small), jpegFrame(huge))],
    ['a JPEG that leaves its height open', jpegSize, jpeg(jpegFrame({ width: 8, height: 0 }))],
    ['a JPEG that ends in its header', jpegSize, jpeg(jpegFrame(small)).subarray(0, 8)],
    ['a JPEG that ends before its frame', jpegSize, Buffer.from([0xff, 0xd8, 0xff, 0xd9])],
    ['a JPEG of fill bytes', jpegSize, Buffer.concat([jpeg().subarray(0, 2), Buffer.alloc(2 ** 20, 0xff)])],
    ['a JPEG with very many markers', jpegSize, jpeg(Buffer.alloc(2 ** 20, 'ffd0', 'hex'), jpegFrame(small))],
    ['a WebP that ends in its header', webpSize, webp('VP8X', small).subarray(0, 29)],
    ['a WebP of another kind', webpSize, Buffer.from(webp('VP8X', small)).fill('VP9 ', 12, 16)],
    ['a lossy WebP without its start code', webpSize, Buffer.from(webp('VP8 ', small)).fill(0, 23, 26)],
    ['a lossless WebP without its signature', webpSize, Buffer.from(webp('VP8L', small)).fill(0, 20, 21)],
  ] as const)('is not read from %s', (_, read, bytes) => {
    expect(read(bytes)).toBeUndefined();
  });
});

function withoutHeader(bytes: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, 8), bytes.subarray(33)]);
}
