import type { EncodeOptions } from './encoder.ts';
import { encodeRawInput, type RawInputOutput } from './ffmpeg/raw-input.ts';

export type { RawInputOutput } from './ffmpeg/raw-input.ts';

/**
 * Encodes raw RGB24 frames, without sound, that no byte of passes through this process: it costs less than half. Throws
 * `encoder_failed`, and the signal's reason when it aborts.
 */
export function encodeDescriptor(
  descriptor: number,
  options: EncodeOptions,
  how: { readonly ffmpegPath?: string | undefined; readonly signal: AbortSignal },
): AsyncGenerator<RawInputOutput, void, undefined> {
  return encodeRawInput(descriptor, options, how);
}
