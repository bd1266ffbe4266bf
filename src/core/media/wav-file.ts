import { type FileHandle, open } from 'node:fs/promises';
import { FastVideoError, systemErrorCode } from '../base/errors.ts';
import { systemReason } from '../base/system-reason.ts';

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

/** A WAV file that is read piece by piece: 16-bit or float32 PCM, 1 or 2 channels. */
export class WavFile {
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly #file: FileHandle;
  readonly #format: WavFormat;
  #position: number;
  readonly #end: number;

  /** Throws `input_invalid` when the file is not there or not such a file. */
  static async open(path: string): Promise<WavFile> {
    let file: FileHandle;
    try {
      file = await open(path, 'r');
    } catch (error) {
      const reason = systemErrorCode(error) === 'ENOENT' ? 'there is no such file' : systemReason(error);
      throw new FastVideoError('input_invalid', `${path}: ${reason}.`, { cause: error });
    }
    try {
      return await WavFile.#read(file, path);
    } catch (error) {
      await file.close();
      throw error;
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

  static async #read(file: FileHandle, path: string): Promise<WavFile> {
    const { size } = await file.stat();
    const riff = await readAt(file, 0, 12);
    if (text(riff, 0) !== 'RIFF' || text(riff, 8) !== 'WAVE') throw invalid(path, 'it is not a WAV file');
    let format: WavFormat | undefined;
    let position = 12;
    while (position + 8 <= size) {
      const header = await readAt(file, position, 8);
      const chunkSize = header.readUInt32LE(4);
      const start = position + 8;
      if (text(header, 0) === 'fmt ')
        format = readFormat(await readAt(file, start, Math.min(chunkSize, 40)), path);
      if (text(header, 0) === 'data') {
        if (!format) throw invalid(path, 'its data comes before its format');
        // Written to a pipe, the size is unknown and stands as 0 or all ones.
        const known = chunkSize > 0 ? start + chunkSize <= size : await isChunksOnly(file, start, size);
        return new WavFile(file, format, start, known ? start + chunkSize : size);
      }
      position = start + chunkSize + (chunkSize % 2);
    }
    throw invalid(path, 'it has no sound data');
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

function readFormat(chunk: Buffer, path: string): WavFormat {
  if (chunk.length < 16) throw invalid(path, 'its format chunk is too short');
  const outer = chunk.readUInt16LE(0);
  const tag = outer === formatExtensible && chunk.length >= 26 ? chunk.readUInt16LE(24) : outer;
  const channels = chunk.readUInt16LE(2);
  const sampleRate = chunk.readUInt32LE(4);
  const bitsPerSample = chunk.readUInt16LE(14);
  if (channels !== 1 && channels !== 2) throw invalid(path, `it has ${channels} channels`);
  if (!(tag === formatPcm && bitsPerSample === 16) && !(tag === formatFloat && bitsPerSample === 32)) {
    throw invalid(path, `its samples are of format ${tag} with ${bitsPerSample} bits`);
  }
  return { tag, channels, sampleRate, bitsPerSample };
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await file.read(bytes, 0, length, position);
  return bytes;
}

function text(bytes: Buffer, offset: number): string {
  return bytes.toString('latin1', offset, offset + 4);
}

function invalid(path: string, reason: string): FastVideoError {
  return new FastVideoError(
    'input_invalid',
    `${path}: ${reason}; a WAV file of 16-bit or float32 PCM with 1 or 2 channels is needed.`,
  );
}
