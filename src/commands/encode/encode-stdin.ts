import { openStdin, PeekableSource } from '../../core/media/byte-source.ts';
import { createEncoders, type Encoders } from '../../core/media/create-encoders.ts';
import { planEncode } from '../../core/media/encode-plan.ts';
import type { EncodeOptions, EncoderInput } from '../../core/media/encoder.ts';
import { type FrameRate, framesToTicks } from '../../core/media/frame-rate.ts';
import { type RawFrameCount, rawFrames } from '../../core/media/raw-frames.ts';
import { encodeDescriptor, type RawInputOutput } from '../../core/media/raw-input.ts';
import type { SoundSource } from '../../core/media/sound-source.ts';
import { asUsage, type EncodeCommandOptions } from './encode-command-options.ts';
import { type FrameShape, fileBeginsAsY4m, rawShape, readShape } from './frame-input.ts';

const stdin = 0;

export interface StdinEncoding {
  readonly shape: FrameShape;
  readonly frameBytes: number;
  readonly outputs: AsyncIterable<RawInputOutput>;
}

/** Finds out what the frames are, and encodes them. Rejects with the signal's reason when it aborts. */
export async function encodeStdin(
  asked: EncodeCommandOptions,
  sound: SoundSource | undefined,
  signal: AbortSignal,
): Promise<StdinEncoding> {
  const { ffmpegPath } = asked.encoder;
  const encoders = await createEncoders(asked.encoder);
  if (encoders.backend === 'ffmpeg' && !sound && asked.size && !fileBeginsAsY4m(stdin)) {
    // ffmpeg reads our stdin itself: no frame passes through this process, which costs it less than half.
    const shape = rawShape(asked);
    const options = encodeOptions(shape, asked, undefined);
    const { frameBytes } = asUsage(() => planEncode(options));
    return { shape, frameBytes, outputs: encodeDescriptor(stdin, options, { signal, ffmpegPath }) };
  }
  const source = new PeekableSource(openStdin());
  const close = () => source.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    const shape = await readShape(source, asked);
    const options = encodeOptions(shape, asked, sound);
    const { frameBytes } = asUsage(() => planEncode(options));
    const outputs = encodeFrames(encoders, source, { ...options, isY4m: shape.isY4m }, sound, signal);
    return { shape, frameBytes, outputs };
  } catch (error) {
    source.close();
    signal.throwIfAborted();
    throw error;
  }
}

function encodeOptions(
  { isY4m: _, ...shape }: FrameShape,
  { encoder }: EncodeCommandOptions,
  sound: SoundSource | undefined,
): EncodeOptions {
  const audio = sound && { sampleRate: sound.sampleRate, channels: sound.channels };
  return { ...shape, ...encoder.settings, final: true, ...(audio ? { audio } : {}) };
}

async function* encodeFrames(
  { fragments: encoder, jpegs }: Encoders,
  source: PeekableSource,
  { isY4m, ...options }: EncodeOptions & { readonly isY4m: boolean },
  sound: SoundSource | undefined,
  signal: AbortSignal,
): AsyncGenerator<RawInputOutput, void, undefined> {
  const { frameBytes, fps } = planEncode(options);
  const count: RawFrameCount = { frames: 0, restBytes: 0, ended: false };
  const frames = rawFrames(source, { frameBytes, isY4m }, count);
  try {
    for await (const part of encoder.encode(withSound(frames, sound, fps), options, signal)) {
      if (part.type === 'end') yield { type: 'end', frames: part.frames, restBytes: count.restBytes };
      else yield part;
    }
  } catch (error) {
    if (!count.ended || count.frames > 0) throw error;
    yield { type: 'end', frames: 0, restBytes: count.restBytes };
  } finally {
    await encoder.close();
    await jpegs.close();
    source.close();
  }
}

/** Each frame, followed by the sound of its time. */
async function* withSound(
  frames: AsyncIterable<Uint8Array>,
  sound: SoundSource | undefined,
  fps: FrameRate,
): AsyncGenerator<EncoderInput, void, undefined> {
  let frameCount = 0;
  let sampleCount = 0;
  for await (const data of frames) {
    yield { type: 'frame', data };
    if (!sound) continue;
    frameCount += 1;
    const until = framesToTicks(frameCount, sound.sampleRate, fps);
    yield { type: 'audio', samples: await sound.read(until - sampleCount) };
    sampleCount = until;
  }
}
