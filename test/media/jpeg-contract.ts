import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { createJpegEncoder } from '../../src/core/media/ffmpeg/jpeg-encoder.ts';
import type { JpegEncodeOptions, JpegEncoder } from '../../src/core/media/jpeg-encoder.ts';
import { asFile, decodePictures, untilStill } from './material.ts';

export const picture = { width: 64, height: 48 };

/** A smooth picture from black to white, of a colour and brightness of its own for each index. */
export function gradient({ width, height }: JpegEncodeOptions, index: number): Uint8Array {
  const frame = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const across = x / Math.max(1, width - 1);
      const down = y / Math.max(1, height - 1);
      frame.set([255 * across, 255 * down, (index * 37) % 256], (y * width + x) * 3);
    }
  }
  return frame;
}

export async function* gradients(options: JpegEncodeOptions, count: number) {
  for (let index = 0; index < count; index += 1) yield gradient(options, index);
}

export async function* inputOf(...frames: readonly Uint8Array[]) {
  yield* frames;
}

export async function collect(
  encoder: JpegEncoder,
  frames: AsyncIterable<Uint8Array>,
  options: JpegEncodeOptions,
) {
  const files: Uint8Array[] = [];
  for await (const batch of encoder.encode(frames, options)) {
    expect(batch.length).toBeGreaterThan(0);
    files.push(...batch);
  }
  return files;
}

function meanError(decoded: Uint8Array | undefined, frame: Uint8Array): number {
  if (decoded?.length !== frame.length) return Number.POSITIVE_INFINITY;
  return frame.reduce((sum, value, at) => sum + Math.abs(value - (decoded[at] ?? 0)), 0) / frame.length;
}

/** Expects files of their own that show these pictures. */
async function expectPictures(files: readonly Uint8Array[], pictures: readonly Uint8Array[]): Promise<void> {
  expect(files).toHaveLength(pictures.length);
  for (const file of files) {
    // Start and end of an image.
    expect([...file.subarray(0, 2), ...file.subarray(-2)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
  }
  const decoded = await decodePictures(Buffer.concat(files), picture.width * picture.height * 3);
  expect(decoded).toHaveLength(pictures.length);
  for (const [index, expected] of pictures.entries()) {
    expect(meanError(decoded[index], expected)).toBeLessThan(3);
  }
}

async function decode(file: Uint8Array, { width, height }: JpegEncodeOptions) {
  const pictures = await decodePictures(file, width * height * 3);
  expect(pictures).toHaveLength(1);
  return pictures[0];
}

/** What ffprobe reads. (Its warnings say nothing: of files under 600 bytes it misses the EOI, whoever wrote them.) */
async function probe(file: Uint8Array): Promise<unknown> {
  const what = 'stream=codec_name,width,height,pix_fmt';
  const args = ['-v', 'error', '-show_entries', what, '-of', 'json'];
  const { stdout, stderr } = await asFile(file, (path) => promisify(execFile)('ffprobe', [...args, path]));
  expect(stderr).toBe('');
  const { streams } = JSON.parse(stdout) as { streams: unknown[] };
  expect(streams).toHaveLength(1);
  return streams[0];
}

/** A 256x256 picture that hardly compresses, so that pipes fill quickly. */
function noise(seed: number): Uint8Array {
  let state = seed * 2_654_435_761 + 1;
  return Uint8Array.from({ length: 256 * 256 * 3 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

/** What the JPEG encoder must do with every ffmpeg. */
export function describeJpegEncoder(name: string, ffmpegPath: string): void {
  describe(name, () => {
    const encoder = createJpegEncoder({ ffmpegPath });
    afterAll(() => encoder.close());

    it.each([1, 2, 25])('gives a file for each of %i frames, in their order', async (count) => {
      const files = await collect(encoder, gradients(picture, count), picture);
      expect(files).toHaveLength(count);
      await expectPictures(
        files,
        files.map((_, index) => gradient(picture, index)),
      );
    });

    it.each([picture, { width: 130, height: 74 }, { width: 62, height: 50 }, { width: 1280, height: 720 }])(
      'keeps the picture of $width x $height',
      async (size) => {
        const frame = gradient(size, 3);
        const [first, second] = await collect(encoder, inputOf(frame, frame), size);
        expect(second).toEqual(first);
        if (!first) throw new Error('there is no file');
        expect(await probe(first)).toEqual({ codec_name: 'mjpeg', ...size, pix_fmt: 'yuvj420p' });
        expect(meanError(await decode(first, size), frame)).toBeLessThan(3);
      },
    );

    it('keeps colours, black and white as they are', async () => {
      const colours = [
        [0, 0, 0],
        [255, 255, 255],
        [220, 30, 40],
        [20, 180, 60],
        [30, 60, 200],
      ];
      const flat = colours.map((colour) =>
        Uint8Array.from({ length: 64 * 48 * 3 }, (_value, at) => colour[at % 3] ?? 0),
      );
      const files = await collect(encoder, inputOf(...flat), picture);
      await expectPictures(files, flat);
    });

    it('writes files that say they are JFIF', async () => {
      const [file] = await collect(encoder, gradients(picture, 1), picture);
      expect([...(file ?? [])].slice(0, 11)).toEqual([
        ...[0xff, 0xd8, 0xff, 0xe0, 0, 16],
        ...Buffer.from('JFIF\0', 'latin1'),
      ]);
    });

    it('makes the smaller files the higher the quality number', async () => {
      const sizes: number[] = [];
      for (const quality of [2, 4, 31]) {
        const [file] = await collect(encoder, inputOf(noise(1)), { width: 256, height: 256, quality });
        sizes.push(file?.length ?? 0);
      }
      expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
      expect(new Set(sizes).size).toBe(3);
    });

    it('gives each file before it needs the next frame', async () => {
      let given = 0;
      let wake = () => {};
      async function* stalling() {
        for (let index = 0; index < 5; index += 1) {
          yield gradient(picture, index);
          while (given <= index) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      }
      for await (const files of encoder.encode(stalling(), picture)) {
        given += files.length;
        wake();
      }
      expect(given).toBe(5);
    });

    it('reads its frames no faster than its files are taken', async () => {
      let made = 0;
      async function* many() {
        for (; made < 60; made += 1) yield noise(made);
      }
      let taken = 0;
      let ahead = 0;
      for await (const files of encoder.encode(many(), { width: 256, height: 256, quality: 2 })) {
        if (taken === 0) await untilStill(() => made);
        ahead = Math.max(ahead, made - taken);
        taken += files.length;
      }
      expect(taken).toBe(60);
      expect(ahead).toBeLessThan(30);
    });
  });
}
