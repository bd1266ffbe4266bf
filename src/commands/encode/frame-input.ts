import { readSync } from 'node:fs';
import { FastVideoError } from '../../core/base/errors.ts';
import type { PeekableSource } from '../../core/media/byte-source.ts';
import type { RawFormat } from '../../core/media/raw-format.ts';
import { parseY4mHeader, type Y4mHeader, y4mMagic } from '../../core/media/y4m.ts';
import { asUsage, defaultFps, type EncodeCommandOptions } from './encode-command-options.ts';

/** What the frames on stdin are. */
export interface FrameShape {
  readonly width: number;
  readonly height: number;
  readonly fps: number | { readonly num: number; readonly den: number };
  readonly sourceFormat: RawFormat;
  readonly fullRange: boolean;
  readonly isY4m: boolean;
}

const longestHeader = 1024;

/** Whether a file on stdin is seen to begin as y4m does. Takes nothing of it; a pipe cannot be asked. */
export function fileBeginsAsY4m(descriptor: number): boolean {
  const head = Buffer.alloc(y4mMagic.length);
  try {
    readSync(descriptor, head, 0, head.length, 0);
  } catch {
    // No file.
    return false;
  }
  return head.toString('latin1') === y4mMagic;
}

export function rawShape({ size, fps = defaultFps }: Pick<EncodeCommandOptions, 'size' | 'fps'>): FrameShape {
  if (!size) {
    throw new FastVideoError(
      'usage',
      '--size is missing: stdin is not y4m, and raw frames do not contain their size. Set it, e.g. --size 1280x720.',
    );
  }
  return { ...size, fps, sourceFormat: 'rgb24', fullRange: false, isY4m: false };
}

/**
 * Takes the header of y4m where there is one. Throws `usage` where the size is not known, or is another one than the
 * header's, and for y4m that cannot be encoded.
 */
export async function readShape(source: PeekableSource, asked: EncodeCommandOptions): Promise<FrameShape> {
  const head = await source.peek(y4mMagic.length);
  if (Buffer.from(head).toString('latin1') !== y4mMagic) return rawShape(asked);
  const { format, fps, ...header } = await readHeader(source);
  checkSize(asked, header);
  return {
    ...header,
    fps: asked.fps ?? fps ?? defaultFps,
    sourceFormat: format,
    isY4m: true,
  };
}

function checkSize(
  { size }: EncodeCommandOptions,
  { width, height }: Pick<Y4mHeader, 'width' | 'height'>,
): void {
  if (!size || (size.width === width && size.height === height)) return;
  throw new FastVideoError(
    'usage',
    `--size ${size.width}x${size.height} is not the size of the y4m stream on stdin, ${width}x${height}: remove it.`,
  );
}

async function readHeader(source: PeekableSource): Promise<Y4mHeader> {
  const line = await readLine(source);
  return asUsage(() => parseY4mHeader(line));
}

async function readLine(source: PeekableSource): Promise<string> {
  let line = '';
  const byte = new Uint8Array(1);
  while (line.length < longestHeader) {
    if ((await source.fill(byte)) === 0) break;
    if (byte[0] === 0x0a) return line;
    line += String.fromCharCode(byte[0] ?? 0);
  }
  throw new FastVideoError('usage', 'The header of the y4m stream on stdin has no end.');
}
