import { FastVideoError } from '../base/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { y4mFrameMagic } from './y4m.ts';

/** Counts of a stream of raw frames, read while it runs. */
export interface RawFrameCount {
  frames: number;
  /** Bytes of a last frame that is not whole. */
  restBytes: number;
  /** The stream has come to its end. */
  ended: boolean;
}

export interface RawFrameShape {
  readonly frameBytes: number;
  /** Whether each frame has a line of y4m before it. */
  readonly isY4m: boolean;
}

/** One that the consumer has, one that its encoder may still be reading, one ahead, and one being read. */
const buffers = 4;
/** A frame's line has parameters that nobody writes; longer than this it is something else. */
const longestFrameLine = 256;

/**
 * The frames of a stream; the next one is read while the consumer works. What is left at the end is counted, not given.
 * A frame that was given is overwritten when three others have been taken after it.
 */
export async function* rawFrames(
  source: ByteSource,
  shape: RawFrameShape,
  count: RawFrameCount,
): AsyncGenerator<Uint8Array, void, undefined> {
  const ring = Array.from({ length: buffers }, () => Buffer.alloc(0));
  const readInto = async (index: number): Promise<Uint8Array | undefined> => {
    const slot = index % buffers;
    if (ring[slot]?.length === 0) ring[slot] = Buffer.allocUnsafe(shape.frameBytes);
    const frame = ring[slot] ?? Buffer.alloc(0);
    const line = shape.isY4m ? await readFrameLine(source, index) : undefined;
    if (line === 'end') return undefined;
    const filled = await source.fill(frame);
    if (filled === frame.length) return frame;
    count.restBytes = filled;
    return undefined;
  };
  let next = readInto(0);
  for (;;) {
    const frame = await next;
    if (!frame) break;
    count.frames += 1;
    next = readInto(count.frames);
    // Told when it is taken; the consumer may leave before.
    next.catch(() => {});
    yield frame;
  }
  count.ended = true;
}

/** Throws `input_invalid` where there is something else. */
async function readFrameLine(source: ByteSource, index: number): Promise<'frame' | 'end'> {
  const start = Buffer.alloc(y4mFrameMagic.length + 1);
  const filled = await source.fill(start);
  if (filled === 0) return 'end';
  const isFrame = start.toString('latin1', 0, Math.min(filled, y4mFrameMagic.length));
  if (filled < start.length && y4mFrameMagic.startsWith(isFrame)) return 'end';
  const byte = Buffer.from(start.subarray(-1));
  for (let length = start.length; isFrame === y4mFrameMagic; length += 1) {
    if (byte[0] === 0x0a) return 'frame';
    if (length > longestFrameLine || (await source.fill(byte)) === 0) break;
  }
  throw new FastVideoError(
    'input_invalid',
    `Frame ${index + 1} of the y4m stream on stdin does not begin with ${y4mFrameMagic}: its size or pixel format is not what the header says.`,
  );
}
