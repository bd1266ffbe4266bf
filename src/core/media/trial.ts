import { timeLimit } from '../base/async/deadline.ts';
import { errorMessage } from '../base/errors.ts';
import type { Encoder, EncoderInput, EncoderSettings } from './encoder.ts';

/** As large as every hardware encoder takes them. */
const side = 256;
const frameCount = 3;
/** A driver that hangs must not hold the start. */
const limitMs = 30_000;

/** Encodes three frames; why that does not work, as a sentence, or undefined where it does. */
export async function trialFailure(encoder: Encoder, settings: EncoderSettings): Promise<string | undefined> {
  const options = { ...settings, width: side, height: side, fps: 24, final: true };
  using limit = timeLimit(limitMs);
  try {
    let frames = 0;
    for await (const output of encoder.encode(greyFrames(), options, limit.signal)) {
      if (output.type === 'end') frames = output.frames;
    }
    return frames === frameCount ? undefined : `${frames} of ${frameCount} frames came out.`;
  } catch (error) {
    if (limit.signal.aborted) return `Three frames took longer than ${limitMs / 1000} s.`;
    return errorMessage(error);
  }
}

async function* greyFrames(): AsyncGenerator<EncoderInput, void, undefined> {
  for (let index = 0; index < frameCount; index += 1) {
    yield { type: 'frame', data: new Uint8Array(side * side * 3).fill(64 * index) };
  }
}
