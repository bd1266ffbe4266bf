import { type FileHandle, open } from 'node:fs/promises';
import { aacSampleRates } from './encode-plan.ts';
import type { SoundSource } from './sound-source.ts';

/** Format tags of the `fmt ` chunk (Microsoft, Multimedia Programming Interface 1.0 and WAVEFORMATEXTENSIBLE). */
const formatPcm = 1;
const formatFloat = 3;
const formatExtensible = 0xfffe;

interface WavFormat {
  readonly tag: number;
  readonly channels: 1 | 2;
  readonly sampleRate: number;
  readonly bitsPerSample: number;
}

/** Of a file without sound, whatever it says of itself. */
const anyFormat: WavFormat = { tag: formatPcm, channels: 1, sampleRate: 48_000, bitsPerSample: 16 };

/** A WAV file that is read piece by piece: 16-bit or float32 PCM, 1 or 2 channels, a sample rate of AAC. */
export class WavFile implements SoundSource {
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly #file: FileHandle;
  readonly #format: WavFormat;
  #position: number;
  readonly #end: number;

  /** Undefined for anything else, which needs a decoder. */
  static async open(path: string): Promise<WavFile | undefined> {
    const file = await open(path, 'r');
    let wav: WavFile | undefined;
    try {
      wav = await WavFile.#read(file);
      return wav;
    } finally {
      if (!wav) await file.close();
    }
  }

  private constructor(file: FileHandle, format: WavFormat, start: number, end: number) {
    this.#file = file;
    this.#format = format;
    this.sampleRate = format.sampleRate;
    this.channels = format.channels;
    this.#position = start;
    this.#end = end;
  }

  /** The next samples, interleaved: `count` for each channel, fewer at the end of the file. */
  async read(count: number): Promise<Float32Array | Int16Array> {
    const sampleBytes = this.#format.bitsPerSample / 8;
    const frameBytes = sampleBytes * this.channels;
    const wanted = Math.min(count * frameBytes, this.#end - this.#position);
    const bytes = new Uint8Array(Math.max(0, wanted - (wanted % frameBytes)));
    const { bytesRead } = await this.#file.read(bytes, 0, bytes.length, this.#position);
    this.#position += bytesRead;
    const samples = Math.floor(bytesRead / frameBytes) * this.channels;
    return this.#format.tag === formatFloat
      ? new Float32Array(bytes.buffer, 0, samples)
      : new Int16Array(bytes.buffer, 0, samples);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  static async #read(file: FileHandle): Promise<WavFile | undefined> {
    const { size } = await file.stat();
    const riff = await readAt(file, 0, 12);
    if (text(riff, 0) !== 'RIFF' || text(riff, 8) !== 'WAVE') return undefined;
    let format: WavFormat | undefined;
    let position = 12;
    while (position + 8 <= size) {
      const header = await readAt(file, position, 8);
      const chunkSize = header.readUInt32LE(4);
      const start = position + 8;
      if (text(header, 0) === 'fmt ') format = readFormat(await readAt(file, start, Math.min(chunkSize, 40)));
      if (text(header, 0) === 'data') {
        // A decoder would take the chunks behind an empty one for sound.
        if (chunkSize === 0 && (await isChunksOnly(file, start, size))) {
          return new WavFile(file, format ?? anyFormat, start, start);
        }
        // Written to a pipe, the size is unknown and stands as 0 or all ones.
        const known = chunkSize > 0 && start + chunkSize <= size;
        return format && new WavFile(file, format, start, known ? start + chunkSize : size);
      }
      position = start + chunkSize + (chunkSize % 2);
    }
    return undefined;
  }
}

/** Whether the file holds whole chunks, with a readable name each, from there to its end, and so no samples. */
async function isChunksOnly(file: FileHandle, from: number, size: number): Promise<boolean> {
  let position = from;
  while (position + 8 <= size) {
    const header = await readAt(file, position, 8);
    if (!/^[ -~]{4}$/.test(text(header, 0))) return false;
    const chunkSize = header.readUInt32LE(4);
    position += 8 + chunkSize + (chunkSize % 2);
  }
  return position === size;
}

/** Undefined for a format that is not read here. */
function readFormat(chunk: Buffer): WavFormat | undefined {
  if (chunk.length < 16) return undefined;
  const outer = chunk.readUInt16LE(0);
  const tag = outer === formatExtensible && chunk.length >= 26 ? chunk.readUInt16LE(24) : outer;
  const channels = chunk.readUInt16LE(2);
  const sampleRate = chunk.readUInt32LE(4);
  const bitsPerSample = chunk.readUInt16LE(14);
  if (channels !== 1 && channels !== 2) return undefined;
  if (!aacSampleRates.includes(sampleRate)) return undefined;
  const isKnown =
    (tag === formatPcm && bitsPerSample === 16) || (tag === formatFloat && bitsPerSample === 32);
  return isKnown ? { tag, channels, sampleRate, bitsPerSample } : undefined;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await file.read(bytes, 0, length, position);
  return bytes;
}

function text(bytes: Buffer, offset: number): string {
  return bytes.toString('latin1', offset, offset + 4);
}
