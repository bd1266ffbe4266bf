/** Counts of a stream of raw frames, read while it runs. */
export interface RawFrameCount {
  frames: number;
  /** Bytes of a last frame that is not whole. */
  restBytes: number;
  /** The stream has come to its end. */
  ended: boolean;
}

/** Cuts a stream of bytes into frames of `frameBytes` each. What is left at the end is counted, not given. */
export async function* rawFrames(
  input: AsyncIterable<Uint8Array>,
  frameBytes: number,
  count: RawFrameCount,
): AsyncGenerator<Uint8Array, void, undefined> {
  let frame = Buffer.allocUnsafe(frameBytes);
  for await (const chunk of input) {
    let offset = 0;
    while (offset < chunk.length) {
      const taken = Math.min(frameBytes - count.restBytes, chunk.length - offset);
      frame.set(chunk.subarray(offset, offset + taken), count.restBytes);
      offset += taken;
      count.restBytes += taken;
      if (count.restBytes < frameBytes) continue;
      count.frames += 1;
      count.restBytes = 0;
      yield frame;
      // The consumer may keep what it was given.
      frame = Buffer.allocUnsafe(frameBytes);
    }
  }
  count.ended = true;
}
