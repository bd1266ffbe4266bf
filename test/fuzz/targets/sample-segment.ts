import type { EncoderInput } from '../../../src/core/media/encoder.ts';
import { createFfmpegEncoder } from '../../../src/core/media/ffmpeg/ffmpeg-encoder.ts';

/** One short segment with picture and sound, as our encoder makes it. */
export interface SampleSegment {
  readonly init: Uint8Array;
  readonly media: readonly Uint8Array[];
}

const picture = { width: 64, height: 48, fps: 24 };
const frames = 12;
const sampleRate = 48_000;

export async function sampleSegment(): Promise<SampleSegment> {
  const options = { ...picture, audio: { sampleRate, channels: 2 as const }, final: true };
  const media: Uint8Array[] = [];
  let init: Uint8Array | undefined;
  for await (const output of createFfmpegEncoder().encode(input(), options)) {
    if (output.type === 'init') init = output.data;
    else if (output.type === 'media') media.push(output.data);
  }
  if (!init) throw new Error('The encoder gave no init segment.');
  return { init, media };
}

async function* input(): AsyncGenerator<EncoderInput, void, undefined> {
  for (let frame = 0; frame < frames; frame += 1) {
    yield { type: 'audio', samples: new Float32Array((2 * sampleRate) / picture.fps) };
    yield { type: 'frame', data: new Uint8Array(picture.width * picture.height * 3).fill(frame * 20) };
  }
}
