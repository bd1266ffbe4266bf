import type { EncoderInput } from '../media/encoder.ts';

type Sound = Extract<EncoderInput, { type: 'audio' }>;

/** A segment's media behind the frames that were sent. */
export interface RestOfSegment {
  /** The sound that came along with them: some of it may not have been sent. */
  readonly sound: readonly Sound[];
  /** `sound`, then what follows; undefined when no frame does. */
  readonly media: AsyncIterable<EncoderInput> | undefined;
}

/**
 * Takes the first `frames` frames out of a segment, and nothing of its sound. Resolves when the next frame has come,
 * so that no encoder is started for a segment that has none. Throws the signal's reason when it aborts.
 */
export async function skipSent(
  media: AsyncGenerator<EncoderInput, void, undefined>,
  frames: number,
  abandon: AbortSignal,
): Promise<RestOfSegment> {
  const sound: Sound[] = [];
  let skipped = 0;
  for (;;) {
    const { done, value } = await media.next();
    if (abandon.aborted) {
      await media.return();
      throw abandon.reason;
    }
    if (done) return { sound, media: undefined };
    // Copied: its owner may use the memory again.
    if (value.type === 'audio') sound.push({ type: 'audio', samples: value.samples.slice() });
    else if (skipped < frames) skipped += 1;
    else return { sound, media: joined([...sound, value], media) };
  }
}

async function* joined(
  first: readonly EncoderInput[],
  rest: AsyncGenerator<EncoderInput, void, undefined>,
): AsyncGenerator<EncoderInput, void, undefined> {
  try {
    yield* first;
    yield* rest;
  } finally {
    await rest.return();
  }
}
