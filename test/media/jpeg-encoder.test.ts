import { getEventListeners } from 'node:events';
import { afterAll, describe, expect, it } from 'vitest';
import { bundledFfmpeg } from '../../src/core/media/ffmpeg/binary.ts';
import { createJpegEncoder } from '../../src/core/media/ffmpeg/jpeg-encoder.ts';
import { commandLine, descendantPids } from '../support/child-pids.ts';
import { eventually } from '../support/wait-for.ts';
import { collect, describeJpegEncoder, gradient, gradients, inputOf, picture } from './jpeg-contract.ts';

describeJpegEncoder('the JPEG encoder, with the bundled binary', bundledFfmpeg() ?? 'no bundled ffmpeg');

async function* endless() {
  yield* gradients(picture, 4);
  await new Promise(() => {});
}

async function ffmpegChildren(): Promise<number[]> {
  const pids = await descendantPids(process.pid);
  const lines = await Promise.all(pids.map(async (pid) => ({ pid, line: await commandLine(pid) })));
  return lines.filter(({ line }) => /ffmpeg .*pipe:0/.test(line)).map(({ pid }) => pid);
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
    let told = false;
    const run = async () => {
      for await (const _ of encoder.encode(endless(), picture)) {
        if (told) continue;
        told = true;
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
