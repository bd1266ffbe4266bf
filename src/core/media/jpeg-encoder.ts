export interface JpegEncodeOptions {
  /** Pixels; both must be even for 4:2:0. */
  readonly width: number;
  readonly height: number;
  /** ffmpeg's quantiser scale, a whole number from 2 (best) to 31; default 4. */
  readonly quality?: number;
}

/** Turns RGB24 frames (`width * height * 3` bytes each) into JPEG files while they arrive. */
export interface JpegEncoder {
  /**
   * One JPEG file for each frame, in order, several at a time when they are ready together.
   *
   * Backpressure is end to end: `frames` is read no faster than the files are taken. Leaving the iteration early, or
   * aborting `signal`, frees everything (no process, descriptor or file stays). Throws `encoder_failed` (missing or
   * dying ffmpeg), `input_invalid` (odd size, impossible quality, wrong frame length, no frames), what `frames` throws,
   * and the signal's reason.
   */
  encode(
    frames: AsyncIterable<Uint8Array>,
    options: JpegEncodeOptions,
    signal?: AbortSignal,
  ): AsyncGenerator<readonly Uint8Array[], void, undefined>;
  /** Ends whatever is still running. May be called twice. */
  close(): Promise<void>;
}
