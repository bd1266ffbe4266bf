import { FastVideoError } from '../../base/errors.ts';
import { planEncode } from '../encode-plan.ts';
import type { JpegEncodeOptions, JpegEncoder } from '../jpeg-encoder.ts';
import { JpegSplitter } from '../jpeg-splitter.ts';
import { ffmpegBinary } from './binary.ts';
import { FfmpegProcess } from './process.ts';

export interface JpegEncoderOptions {
  /** The ffmpeg to run; default `FASTVIDEO_FFMPEG_BIN`, else the bundled or the system's, by picture size. */
  readonly ffmpegPath?: string;
  /**
   * Whether ffmpeg gets a process group of its own, out of reach of a Ctrl-C at the terminal; default true. A worker,
   * which heads a group itself, keeps it in that: who kills the group then ends both.
   */
  readonly ownGroup?: boolean;
}

/** A JPEG encoder that runs one ffmpeg for each call of `encode`. */
export function createJpegEncoder(options: JpegEncoderOptions = {}): JpegEncoder {
  return new FfmpegJpegEncoder(options);
}

class FfmpegJpegEncoder implements JpegEncoder {
  readonly #options: JpegEncoderOptions;
  readonly #running = new Set<JpegEncoding>();
  #closed = false;

  constructor(options: JpegEncoderOptions) {
    this.#options = options;
  }

  async *encode(
    frames: AsyncIterable<Uint8Array>,
    options: JpegEncodeOptions,
    signal?: AbortSignal,
  ): AsyncGenerator<readonly Uint8Array[], void, undefined> {
    signal?.throwIfAborted();
    if (this.#closed) throw closedError();
    const plan = planJpeg(options);
    const { ffmpegPath, ownGroup = true } = this.#options;
    const path = ffmpegBinary(ffmpegPath, plan.width * plan.height);
    const ffmpeg = new FfmpegProcess(path, jpegArguments(plan), ownGroup);
    const encoding = new JpegEncoding(plan, ffmpeg, frames);
    const onAbort = () => encoding.fail(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#running.add(encoding);
    try {
      yield* encoding.files();
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#running.delete(encoding);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const running = [...this.#running];
    for (const encoding of running) encoding.fail(closedError());
    await Promise.all(running.map((encoding) => encoding.free()));
  }
}

/** 4:2:0 in the full range of BT.601, which is what JFIF says a file holds. */
const pixelFormat = 'yuvj420p';

interface JpegPlan {
  readonly width: number;
  readonly height: number;
  readonly frameBytes: number;
  readonly quality: number;
}

function planJpeg({ width, height, quality = 4 }: JpegEncodeOptions): JpegPlan {
  // JPEG itself knows odd sizes, but swscale gets the chroma of their last column wrong in ffmpeg 5 (by up to 46 of
  // 255), and the other stream mode refuses them too.
  const { frameBytes } = planEncode({ width, height, fps: 25, pixelFormat });
  if (!Number.isInteger(quality) || quality < 2 || quality > 31) {
    throw new FastVideoError(
      'input_invalid',
      `The JPEG quality ${quality} is not valid: it must be a whole number from 2 (best) to 31.`,
    );
  }
  return { width, height, frameBytes, quality };
}

/** Raw RGB24 frames on stdin, one JPEG file behind the other on stdout. */
function jpegArguments({ width, height, quality }: JpegPlan): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error'],
    // No look at the input beyond what its options say: otherwise ffmpeg waits for some frames more.
    ...['-probesize', '32', '-analyzeduration', '0'],
    ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-i', 'pipe:0', '-an'],
    // With several threads each encodes a frame of its own, and a picture leaves only when later ones have come in.
    ...['-c:v', 'mjpeg', '-threads', '1', '-q:v', String(quality)],
    // ffmpeg writes the JFIF header only when it knows the shape of the pixels.
    ...['-vf', 'setsar=1', '-pix_fmt', pixelFormat],
    ...['-f', 'image2pipe', '-flush_packets', '1', 'pipe:1'],
  ];
}

/** One run of ffmpeg. Two loops side by side: frames in, files out. */
class JpegEncoding {
  readonly #plan: JpegPlan;
  readonly #process: FfmpegProcess;
  readonly #frames: AsyncIterator<Uint8Array>;
  #framesIn = 0;
  #framesEnded = false;
  #failure: { readonly error: unknown } | undefined;
  #freeing: Promise<void> | undefined;

  constructor(plan: JpegPlan, process: FfmpegProcess, frames: AsyncIterable<Uint8Array>) {
    this.#plan = plan;
    this.#process = process;
    this.#frames = frames[Symbol.asyncIterator]();
  }

  /** Runs it. Frees everything when the consumer leaves, when it fails, and when `fail` is called. */
  async *files(): AsyncGenerator<readonly Uint8Array[], void, undefined> {
    // Not waited for: frames that never come must not hold back the end of a process that has died.
    void this.#feed().catch((error: unknown) => this.fail(error));
    const splitter = new JpegSplitter();
    let filesOut = 0;
    try {
      for await (const chunk of this.#process.output()) {
        const files = splitter.push(chunk);
        filesOut += files.length;
        if (files.length > 0) yield files;
      }
      const exitError = await this.#process.exited;
      if (this.#failure) throw this.#failure.error;
      if (exitError) throw exitError;
      if (!this.#framesEnded || filesOut !== this.#framesIn) throw this.#filesLost(filesOut);
    } finally {
      await this.free();
    }
  }

  /** Ends the run with this error, unless it has ended already. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    void this.free();
  }

  /** Ends the process and lets the frames go. Resolves when the process has gone. */
  free(): Promise<void> {
    this.#freeing ??= this.#freeOnce();
    return this.#freeing;
  }

  async #freeOnce(): Promise<void> {
    // Frames that are being made hear of it when the next one is there: waiting for that could take for ever.
    // Whatever they throw then comes after the end, where nobody can be told.
    if (!this.#framesEnded) this.#frames.return?.().catch(() => {});
    await this.#process.kill();
  }

  async #feed(): Promise<void> {
    while (this.#process.isRunning && !this.#freeing) {
      const next = await this.#frames.next();
      if (next.done) return this.#endFrames();
      if (this.#freeing) return;
      this.#checkLength(next.value);
      this.#framesIn += 1;
      await this.#process.write(next.value);
    }
  }

  #endFrames(): void {
    this.#framesEnded = true;
    if (this.#framesIn === 0 && this.#process.isRunning) {
      throw new FastVideoError(
        'input_invalid',
        'There is no frame to encode: the input ended before the first one.',
      );
    }
    this.#process.end();
  }

  #checkLength({ length }: Uint8Array): void {
    const { width, height, frameBytes } = this.#plan;
    if (length === frameBytes) return;
    throw new FastVideoError(
      'input_invalid',
      `Frame ${this.#framesIn} has ${length} bytes; ${width}x${height} RGB24 needs ${frameBytes}.`,
    );
  }

  #filesLost(filesOut: number): FastVideoError {
    return new FastVideoError(
      'encoder_failed',
      `ffmpeg (${this.#process.path}) wrote ${filesOut} JPEG files for ${this.#framesIn} frames.`,
    );
  }
}

function closedError(): FastVideoError {
  return new FastVideoError('encoder_failed', 'The encoder was closed.');
}
