import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { bundledFfmpeg, systemFfmpeg } from '../../src/core/media/ffmpeg/binary.ts';
import {
  createJpegEncoder,
  type JpegEncodeOptions,
  type JpegEncoder,
} from '../../src/core/media/ffmpeg/jpeg-encoder.ts';
import { commandLine, descendantPids } from '../support/child-pids.ts';
import { eventually } from '../support/wait-for.ts';
import { asFile, decodePictures } from './material.ts';

const picture = { width: 64, height: 48 };

/** A smooth picture from black to white, of a colour and brightness of its own for each index. */
function gradient({ width, height }: JpegEncodeOptions, index: number): Uint8Array {
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

async function* gradients(options: JpegEncodeOptions, count: number) {
  for (let index = 0; index < count; index += 1) yield gradient(options, index);
}

async function* endless() {
  yield* gradients(picture, 4);
  await new Promise(() => {});
}

async function* inputOf(...frames: readonly Uint8Array[]) {
  yield* frames;
}

async function collect(encoder: JpegEncoder, frames: AsyncIterable<Uint8Array>, options: JpegEncodeOptions) {
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

async function ffmpegChildren(): Promise<number[]> {
  const pids = await descendantPids(process.pid);
  const lines = await Promise.all(pids.map(async (pid) => ({ pid, line: await commandLine(pid) })));
  return lines.filter(({ line }) => /ffmpeg .*pipe:0/.test(line)).map(({ pid }) => pid);
}

describe.each([
  ['bundled', bundledFfmpeg() ?? 'no bundled ffmpeg'],
  ["system's", systemFfmpeg() ?? 'no ffmpeg on PATH'],
])('the JPEG encoder, with the %s binary', (_, ffmpegPath) => {
  const encoder = createJpegEncoder({ ffmpegPath });
  afterAll(() => encoder.close());

  it.each([1, 2, 25])('gives a file for each of %i frames, in their order', async (count) => {
    const files = await collect(encoder, gradients(picture, count), picture);
    expect(files).toHaveLength(count);
    for (const [index, file] of files.entries()) {
      expect(meanError(await decode(file, picture), gradient(picture, index))).toBeLessThan(3);
    }
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
    expect(files).toHaveLength(colours.length);
    for (const [index, file] of files.entries()) {
      expect(meanError(await decode(file, picture), flat[index] ?? new Uint8Array())).toBeLessThan(3);
    }
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
      for (; made < 150; made += 1) yield noise(made);
    }
    let taken = 0;
    let ahead = 0;
    for await (const files of encoder.encode(many(), { width: 256, height: 256, quality: 2 })) {
      taken += files.length;
      await new Promise((resolve) => setTimeout(resolve, taken < 50 ? 50 : 0));
      ahead = Math.max(ahead, made - taken);
    }
    expect(taken).toBe(150);
    expect(ahead).toBeLessThan(50);
  });
});

/** A 256x256 picture that hardly compresses, so that pipes fill quickly. */
function noise(seed: number): Uint8Array {
  let state = seed * 2_654_435_761 + 1;
  return Uint8Array.from({ length: 256 * 256 * 3 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

describe('the JPEG encoder', () => {
  const encoder = createJpegEncoder();
  afterAll(() => encoder.close());

  it.each([
    [{ width: 0, height: 48 }, 'The width 0 is not valid'],
    [{ width: 64, height: 48.5 }, 'The height 48.5 is not valid'],
    [{ width: 63, height: 48 }, 'The size 63x48 does not fit the pixel format yuvj420p'],
    [{ width: 64, height: 47 }, 'e.g. 64x48'],
    [{ ...picture, quality: 1 }, 'The JPEG quality 1 is not valid'],
    [{ ...picture, quality: 32 }, 'The JPEG quality 32 is not valid'],
    [{ ...picture, quality: Number.NaN }, 'The JPEG quality NaN is not valid'],
  ])('refuses %j', async (options, message) => {
    await expect(collect(encoder, gradients(picture, 1), options)).rejects.toMatchObject({
      code: 'input_invalid',
      message: expect.stringContaining(message),
    });
  });

  it('names the frame that has the wrong length', async () => {
    const frames = inputOf(gradient(picture, 0), new Uint8Array(10));
    await expect(collect(encoder, frames, picture)).rejects.toMatchObject({
      code: 'input_invalid',
      message: 'Frame 1 has 10 bytes; 64x48 RGB24 needs 9216.',
    });
  });

  it('says so when there is no frame', async () => {
    await expect(collect(encoder, inputOf(), picture)).rejects.toMatchObject({
      code: 'input_invalid',
      message: expect.stringContaining('no frame'),
    });
  });

  it('passes on what the input throws', async () => {
    async function* failing() {
      yield* gradients(picture, 3);
      throw new Error('the generator broke');
    }
    await expect(collect(encoder, failing(), picture)).rejects.toThrow('the generator broke');
  });

  it('lets the input go when the consumer leaves and when a frame is wrong', async () => {
    let released = 0;
    async function* held(...frames: readonly Uint8Array[]) {
      try {
        yield* frames;
        for (let index = 0; ; index += 1) yield gradient(picture, index);
      } finally {
        released += 1;
      }
    }
    for await (const _ of encoder.encode(held(), picture)) break;
    await expect.poll(() => released).toBe(1);
    await expect(collect(encoder, held(new Uint8Array(1)), picture)).rejects.toThrow('has 1 bytes');
    await expect.poll(() => released).toBe(2);
  });

  it('does not wait for an input that never gives its next frame', async () => {
    for await (const _ of encoder.encode(endless(), picture)) break;
    expect(await ffmpegChildren()).toEqual([]);
  });

  it('ends with the reason of an aborted signal, and leaves no process and no listener', async () => {
    const abort = new AbortController();
    const run = async () => {
      for await (const _ of encoder.encode(endless(), picture, abort.signal)) {
        expect(await ffmpegChildren()).toHaveLength(1);
        abort.abort(new Error('enough'));
      }
    };
    await expect(run()).rejects.toThrow('enough');
    expect(await ffmpegChildren()).toEqual([]);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
    await expect(encoder.encode(endless(), picture, abort.signal).next()).rejects.toThrow('enough');
    expect(await ffmpegChildren()).toEqual([]);
  });

  it('leaves no process when all files have been given', async () => {
    await collect(encoder, gradients(picture, 3), picture);
    expect(await ffmpegChildren()).toEqual([]);
  });

  it('frees the process of a consumer that has stopped asking, once the signal aborts', async () => {
    const abort = new AbortController();
    const files = encoder.encode(endless(), picture, abort.signal);
    await files.next();
    abort.abort(new Error('enough'));
    await eventually(async () => expect(await ffmpegChildren()).toEqual([]));
    await files.return();
  });

  it('runs several at once', async () => {
    const all = await Promise.all(
      [5, 9, 1].map((count) => collect(encoder, gradients(picture, count), picture)),
    );
    expect(all.map((files) => files.length)).toEqual([5, 9, 1]);
  });

  it('tells how its ffmpeg died', async () => {
    const run = async () => {
      for await (const _ of encoder.encode(endless(), picture)) {
        for (const pid of await ffmpegChildren()) process.kill(pid, 'SIGSEGV');
      }
    };
    await expect(run()).rejects.toMatchObject({
      code: 'encoder_failed',
      message: expect.stringMatching(/^ffmpeg \(.*\) ended with signal SIGSEGV\.$/),
    });
  });

  it('says when the program is no ffmpeg and ends without a file', async () => {
    const other = createJpegEncoder({ ffmpegPath: '/bin/true' });
    await expect(collect(other, gradients(picture, 3), picture)).rejects.toMatchObject({
      code: 'encoder_failed',
      message: expect.stringMatching(/^ffmpeg \(\/bin\/true\) wrote 0 JPEG files/),
    });
  });

  it('says where there is no ffmpeg, and how to name one', async () => {
    const missing = createJpegEncoder({ ffmpegPath: '/nowhere/ffmpeg' });
    await expect(collect(missing, gradients(picture, 3), picture)).rejects.toMatchObject({
      code: 'encoder_failed',
      retryable: false,
      message: expect.stringMatching(/^There is no ffmpeg at '\/nowhere\/ffmpeg'; set FASTVIDEO_FFMPEG_BIN/),
    });
  });

  it('ends what is running when it is closed, twice if need be, and encodes no more after that', async () => {
    const other = createJpegEncoder();
    const running = other.encode(endless(), picture);
    await running.next();
    expect(await ffmpegChildren()).toHaveLength(1);
    await other.close();
    await other.close();
    expect(await ffmpegChildren()).toEqual([]);
    const rest = async () => {
      for await (const _ of running);
    };
    await expect(rest()).rejects.toThrow('closed');
    await expect(collect(other, gradients(picture, 1), picture)).rejects.toThrow('closed');
  });
});
