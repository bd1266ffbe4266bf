import { FastVideoError } from '../../base/errors.ts';
import { type ByteSource, iteratedSource } from '../byte-source.ts';
import { aacSampleRates } from '../encode-plan.ts';
import type { SoundSource } from '../sound-source.ts';
import { ffmpegBinary } from './binary.ts';
import { FfmpegProcess } from './process.ts';

/** Samples without a header. */
export interface RawSound {
  /** A raw format of ffmpeg, e.g. `s16le`. */
  readonly format: string;
  readonly sampleRate: number;
  readonly channels: number;
}

export interface SoundDecoderOptions {
  /** Unset for a file that says itself what it holds. */
  readonly raw?: RawSound | undefined;
  readonly ffmpegPath?: string | undefined;
  readonly signal: AbortSignal;
}

/** What the wanted shape is: the nearest one that AAC knows. */
const aacShape = `aformat=sample_fmts=flt:sample_rates=${aacSampleRates.join('|')}:channel_layouts=mono|stereo`;

/**
 * The first sound of a file, by an ffmpeg of its own; more than two channels are mixed to two. Throws `input_invalid`
 * for a file without sound, `encoder_failed` without an ffmpeg.
 */
export async function decodeSound(path: string, options: SoundDecoderOptions): Promise<SoundSource> {
  const { signal } = options;
  const child = new FfmpegProcess(
    ffmpegBinary(options.ffmpegPath, 0),
    decodeArguments(path, options.raw),
    true,
  );
  child.end();
  const kill = () => void child.kill();
  signal.addEventListener('abort', kill, { once: true });
  const close = async () => {
    signal.removeEventListener('abort', kill);
    await child.kill();
  };
  try {
    const source = iteratedSource(child.output());
    const shape = await readShape(source);
    await throwFailure(shape ? undefined : child, path, signal);
    if (!shape) throw unreadable(path, 'it is empty');
    return {
      ...shape,
      read: (count) => read(source, shape.channels, count, () => throwFailure(child, path, signal)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function decodeArguments(path: string, raw: RawSound | undefined): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error'],
    ...(raw ? ['-f', raw.format, '-ar', String(raw.sampleRate), '-ac', String(raw.channels)] : []),
    ...['-i', `file:${path}`, '-map', '0:a:0', '-map_metadata', '-1', '-af', aacShape],
    ...['-c:a', 'pcm_f32le', '-f', 'wav', 'pipe:1'],
  ];
}

/** Reads the head of a WAV, up to the samples. Undefined where there is none. */
async function readShape(
  source: ByteSource,
): Promise<Pick<SoundSource, 'sampleRate' | 'channels'> | undefined> {
  let shape: Pick<SoundSource, 'sampleRate' | 'channels'> | undefined;
  const take = async (length: number): Promise<Buffer | undefined> => {
    const bytes = Buffer.alloc(length);
    return (await source.fill(bytes)) === length ? bytes : undefined;
  };
  await take('RIFFsizeWAVE'.length);
  for (;;) {
    const header = await take(8);
    if (!header) return undefined;
    const name = header.toString('latin1', 0, 4);
    if (name === 'data') return shape;
    const chunk = await take(header.readUInt32LE(4));
    if (!chunk) return undefined;
    if (name === 'fmt ') {
      shape = { channels: chunk.readUInt16LE(2) === 1 ? 1 : 2, sampleRate: chunk.readUInt32LE(4) };
    }
  }
}

async function read(
  source: ByteSource,
  channels: number,
  count: number,
  onEnd: () => Promise<void>,
): Promise<Float32Array> {
  const samples = new Float32Array(count * channels);
  const filled = await source.fill(new Uint8Array(samples.buffer));
  if (filled < samples.byteLength) await onEnd();
  const frameBytes = channels * Float32Array.BYTES_PER_ELEMENT;
  return samples.subarray(0, Math.floor(filled / frameBytes) * channels);
}

/** Throws what it ended with, once it has ended. */
async function throwFailure(
  child: FfmpegProcess | undefined,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const error = await child?.exited;
  signal.throwIfAborted();
  if (!error) return;
  // It could not be started at all, which is not the file's fault.
  if (error.cause !== undefined) throw error;
  throw unreadable(path, reasonOf(error.message), error);
}

/** ffmpeg speaks of its own parts; what it said is the error's cause, for `--verbose`. */
function reasonOf(said: string): string {
  return /matches no streams/.test(said)
    ? 'it has no sound'
    : 'it is damaged, or of a format that is not known';
}

function unreadable(path: string, reason: string, cause?: Error): FastVideoError {
  return new FastVideoError('input_invalid', `${path} contains no readable sound: ${reason}.`, {
    cause,
  });
}
