import { FastVideoError } from '../../base/errors.ts';
import type { StillFormat, Stills } from '../stills.ts';
import { ffmpegBinary } from './binary.ts';
import { FfmpegProcess } from './process.ts';

const codecs: Readonly<Record<StillFormat, readonly string[]>> = {
  png: ['-c:v', 'png'],
  jpeg: ['-c:v', 'mjpeg', '-q:v', '3'],
  webp: ['-c:v', 'libwebp', '-quality', '90'],
};

const quiet = ['-hide_banner', '-loglevel', 'error'];
const onePicture = ['-frames:v', '1', '-an', '-f', 'image2pipe'];

/** @param ffmpegPath - the ffmpeg to run; default `FASTVIDEO_FFMPEG_BIN`, else the bundled or the system's */
export function createStills(ffmpegPath?: string): Stills {
  return {
    thumbnail: async (path, signal) => {
      const shrink = ['-vf', "scale='min(640,iw)':-2:in_range=limited:out_range=full,format=yuvj420p"];
      const args = [...quiet, '-i', path, ...onePicture, ...shrink, ...codecs.jpeg, 'pipe:1'];
      return await run(ffmpegPath, args, undefined, signal);
    },
    convert: async (jpeg, format, signal) => {
      if (format === 'jpeg') return jpeg;
      const args = [
        ...quiet,
        '-f',
        'image2pipe',
        '-c:v',
        'mjpeg',
        '-i',
        'pipe:0',
        ...onePicture,
        ...codecs[format],
        'pipe:1',
      ];
      return await run(ffmpegPath, args, jpeg, signal);
    },
  };
}

async function run(
  ffmpegPath: string | undefined,
  args: readonly string[],
  input: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<Uint8Array> {
  signal.throwIfAborted();
  const ffmpeg = new FfmpegProcess(ffmpegBinary(ffmpegPath, 0), args, true);
  const onAbort = () => void ffmpeg.kill();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (input) ffmpeg.writeNow(input);
    ffmpeg.end();
    const pieces: Uint8Array[] = [];
    for await (const piece of ffmpeg.output()) pieces.push(piece);
    const failure = await ffmpeg.exited;
    signal.throwIfAborted();
    if (failure) throw failure;
    if (pieces.length === 0) throw new FastVideoError('encoder_failed', 'There is no picture in the file.');
    return Buffer.concat(pieces);
  } finally {
    signal.removeEventListener('abort', onAbort);
    await ffmpeg.kill();
  }
}
