import { FastVideoError, systemErrorCode } from '../core/base/errors.ts';
import { stopSignal } from '../core/base/signals.ts';
import type { EncodeOptions, EncoderInput } from '../core/media/encoder.ts';
import { createFfmpegEncoder } from '../core/media/ffmpeg/ffmpeg-encoder.ts';
import { type RawFrameCount, rawFrames } from '../core/media/raw-frames.ts';
import { WavFile } from '../core/media/wav-file.ts';
import type { CommandHandler } from './command-definition.ts';
import { type EncodeCommandOptions, readEncodeOptions } from './encode/encode-command-options.ts';
import { EncodeReport } from './encode/encode-report.ts';
import { type Output, openOutput } from './encode/output.ts';

export const run: CommandHandler['run'] = async (options, _args, { exitNow }) => {
  const asked = readEncodeOptions(options);
  if (process.stdin.isTTY)
    throw new FastVideoError('usage', 'stdin is a terminal; pipe raw RGB24 frames into it.');
  if (asked.output === undefined && process.stdout.isTTY) {
    throw new FastVideoError('usage', 'stdout is a terminal; redirect it, or name a file with --output.');
  }
  const sound = asked.audio === undefined ? undefined : await WavFile.open(asked.audio);
  const output = await openOutput(asked.output);
  const interrupt = new AbortController();
  const stop = stopSignal(exitNow);
  void stop.received.then(() => {
    interrupt.abort(new FastVideoError('interrupted'));
    // A read that waits for its next bytes would keep the process.
    process.stdin.destroy();
  });
  try {
    return await encode(asked, sound, output, interrupt.signal);
  } finally {
    stop.dispose();
    await sound?.close();
    await output.close();
    process.stdin.destroy();
  }
};

async function encode(
  asked: EncodeCommandOptions,
  sound: WavFile | undefined,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const { width, height, fps } = asked.picture;
  const count: RawFrameCount = { frames: 0, restBytes: 0, ended: false };
  const report = new EncodeReport(asked.stats, asked.json);
  const encoder = createFfmpegEncoder(asked.ffmpegPath === undefined ? {} : { ffmpegPath: asked.ffmpegPath });
  const options: EncodeOptions = {
    ...asked.picture,
    ...asked.settings,
    final: true,
    ...(sound ? { audio: { sampleRate: sound.sampleRate, channels: sound.channels } } : {}),
  };
  const frameBytes = width * height * 3;
  const frames = rawFrames(process.stdin, frameBytes, count);
  try {
    for await (const part of encoder.encode(withSound(frames, sound, fps), options, signal)) {
      if (part.type === 'end') break;
      await output.write(part.data);
      report.wrote(part.data.length, count.frames);
      if (asked.initOnly) break;
    }
    report.done(count.frames);
  } catch (error) {
    report.stopped();
    if (systemErrorCode(error) === 'EPIPE') return 0;
    if (count.ended && count.frames === 0) throw nothingCame(count, frameBytes, asked);
    throw error;
  } finally {
    await encoder.close();
  }
  if (count.restBytes > 0 && !asked.initOnly) {
    const message = `The last frame is cut off: ${count.restBytes} of ${frameBytes} bytes came. The ${count.frames} whole frames were written.`;
    throw new FastVideoError('input_invalid', message);
  }
  return 0;
}

/** Each frame, followed by the sound of its time. */
async function* withSound(
  frames: AsyncIterable<Uint8Array>,
  sound: WavFile | undefined,
  { num, den }: { readonly num: number; readonly den: number },
): AsyncGenerator<EncoderInput, void, undefined> {
  let frameCount = 0;
  let sampleCount = 0;
  for await (const data of frames) {
    yield { type: 'frame', data };
    if (!sound) continue;
    frameCount += 1;
    const until = Math.round((frameCount * den * sound.sampleRate) / num);
    yield { type: 'audio', samples: await sound.read(until - sampleCount) };
    sampleCount = until;
  }
}

function nothingCame(
  { restBytes }: RawFrameCount,
  frameBytes: number,
  { picture: { width, height } }: EncodeCommandOptions,
): FastVideoError {
  const one = `one frame of ${width}x${height} is ${frameBytes} bytes`;
  const came = restBytes === 0 ? 'Nothing came on stdin' : `Only ${restBytes} bytes came on stdin`;
  return new FastVideoError('input_invalid', `${came}; ${one}.`);
}
