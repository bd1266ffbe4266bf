import { isatty } from 'node:tty';
import { FastVideoError, systemErrorCode } from '../core/base/errors.ts';
import { stopSignal } from '../core/base/signals.ts';
import type { EncodeOptions, EncoderInput } from '../core/media/encoder.ts';
import { type RawFrameCount, rawFrames } from '../core/media/raw-frames.ts';
import { encodeDescriptor, type RawInputOutput } from '../core/media/raw-input.ts';
import { WavFile } from '../core/media/wav-file.ts';
import type { CommandHandler } from './command-definition.ts';
import { type EncodeCommandOptions, readEncodeOptions } from './encode/encode-command-options.ts';
import { EncodeReport } from './encode/encode-report.ts';
import { type MediaOutput, openMediaOutput } from './pipe/media-output.ts';

export const run: CommandHandler['run'] = async (options, _args, { exitNow }) => {
  const asked = readEncodeOptions(options);
  if (isatty(0)) throw new FastVideoError('usage', 'stdin is a terminal; pipe raw RGB24 frames into it.');
  const sound = asked.audio === undefined ? undefined : await WavFile.open(asked.audio);
  const output = await openMediaOutput(asked.output);
  const interrupt = new AbortController();
  const stop = stopSignal(exitNow);
  void stop.received.then(() => interrupt.abort(new FastVideoError('interrupted')));
  try {
    return await encode(asked, sound, output, interrupt.signal);
  } finally {
    stop.dispose();
    await sound?.close();
    await output.close();
  }
};

async function encode(
  asked: EncodeCommandOptions,
  sound: WavFile | undefined,
  output: MediaOutput,
  signal: AbortSignal,
): Promise<number> {
  const { width, height } = asked.picture;
  const frameBytes = width * height * 3;
  const report = await EncodeReport.start(asked.stats, asked.json);
  let frames = 0;
  let restBytes = 0;
  try {
    for await (const part of sound ? throughHere(asked, sound, signal) : withoutSound(asked, signal)) {
      if (part.type === 'end') {
        ({ frames, restBytes } = part);
        break;
      }
      if (part.type === 'media') frames += part.frames;
      await output.write(part.data);
      report.wrote(part.data.length, frames);
      if (asked.initOnly) return 0;
    }
    if (frames === 0) {
      const came = restBytes === 0 ? 'Nothing came on stdin' : `Only ${restBytes} bytes came on stdin`;
      throw new FastVideoError(
        'input_invalid',
        `${came}; one frame of ${width}x${height} is ${frameBytes} bytes.`,
      );
    }
    report.done(frames);
  } catch (error) {
    // Whoever read our output has what it wanted.
    if (systemErrorCode(error) === 'EPIPE') return 0;
    throw error;
  } finally {
    report.stopped();
  }
  if (restBytes === 0) return 0;
  const message = `The last frame is cut off: ${restBytes} of ${frameBytes} bytes came. The ${frames} whole frames were written.`;
  throw new FastVideoError('input_invalid', message);
}

/** Whoever encodes reads our stdin itself, unless it is to be done in this process. */
function withoutSound(asked: EncodeCommandOptions, signal: AbortSignal): AsyncIterable<RawInputOutput> {
  const { backend, ffmpegPath, settings } = asked.encoder;
  if (backend === 'libav') return throughHere(asked, undefined, signal);
  return encodeDescriptor(0, { ...asked.picture, ...settings }, { signal, ffmpegPath });
}

/** The frames pass through this process, and with them the sound. */
async function* throughHere(
  asked: EncodeCommandOptions,
  sound: WavFile | undefined,
  signal: AbortSignal,
): AsyncGenerator<RawInputOutput, void, undefined> {
  const { width, height, fps } = asked.picture;
  const count: RawFrameCount = { frames: 0, restBytes: 0, ended: false };
  const { createEncoders } = await import('../core/media/create-encoders.ts');
  const { fragments: encoder, jpegs } = await createEncoders(asked.encoder);
  const options: EncodeOptions = {
    ...asked.picture,
    ...asked.encoder.settings,
    final: true,
    ...(sound ? { audio: { sampleRate: sound.sampleRate, channels: sound.channels } } : {}),
  };
  const frames = rawFrames(process.stdin, width * height * 3, count);
  // A read that waits for its next bytes would keep the process.
  const stopReading = () => process.stdin.destroy();
  signal.addEventListener('abort', stopReading, { once: true });
  try {
    for await (const part of encoder.encode(soundedFrames(frames, sound, fps), options, signal)) {
      if (part.type === 'end') yield { type: 'end', frames: part.frames, restBytes: count.restBytes };
      else yield part;
    }
  } catch (error) {
    if (!count.ended || count.frames > 0) throw error;
    yield { type: 'end', frames: 0, restBytes: count.restBytes };
  } finally {
    await encoder.close();
    await jpegs.close();
    stopReading();
  }
}

/** Each frame, followed by the sound of its time. */
async function* soundedFrames(
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
