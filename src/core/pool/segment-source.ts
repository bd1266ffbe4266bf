import type { AudioFormat, GeneratorEvent } from '../generators/generator.ts';
import type { EncoderInput } from '../media/encoder.ts';
import type { ContinuationState } from '../protocol/continuation-state.ts';

/** What of a generator's events is for the client as it is. */
type Notice = Extract<GeneratorEvent, { type: 'step' | 'steered' }>;

/** A generator's events, parted: media for the encoder, notices for the client, the state kept for the end. */
export class SegmentSource {
  readonly #events: AsyncIterator<GeneratorEvent>;
  readonly #onNotice: (notice: Notice) => void;
  #ahead: EncoderInput | undefined;
  #state: ContinuationState | undefined;
  #frames = 0;

  constructor(events: AsyncIterable<GeneratorEvent>, onNotice: (notice: Notice) => void) {
    this.#events = events[Symbol.asyncIterator]();
    this.#onNotice = onNotice;
  }

  /** The last state so far. */
  get state(): ContinuationState | undefined {
    return this.#state;
  }

  /** Frames given so far. */
  get frames(): number {
    return this.#frames;
  }

  /** Waits for the first media and says which sound the generator has told of before; undefined when of none. */
  async audioFormat(): Promise<AudioFormat | null | undefined> {
    let told: AudioFormat | null | undefined;
    for (;;) {
      const { done, value } = await this.#events.next();
      if (done) return told;
      if (value.type === 'audio_format') {
        told = value.audio;
        continue;
      }
      this.#ahead = this.#mediaOf(value);
      if (this.#ahead) return told;
    }
  }

  async *media(): AsyncGenerator<EncoderInput, void, undefined> {
    try {
      if (this.#ahead) yield this.#counted(this.#ahead);
      for (;;) {
        const { done, value } = await this.#events.next();
        if (done) return;
        const media = this.#mediaOf(value);
        if (media) yield this.#counted(media);
      }
    } finally {
      await this.#events.return?.();
    }
  }

  #counted(media: EncoderInput): EncoderInput {
    if (media.type === 'frame') this.#frames += 1;
    return media;
  }

  #mediaOf(event: GeneratorEvent): EncoderInput | undefined {
    if (event.type === 'frame' || event.type === 'audio') return event;
    if (event.type === 'step' || event.type === 'steered') this.#onNotice(event);
    else if (event.type === 'state') this.#state = event.state;
    return undefined;
  }
}
