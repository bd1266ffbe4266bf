import { BoundedQueue } from '../base/bounded-queue.ts';
import type { GenerationRequest, Generator } from '../generators/generator.ts';
import type { EncodeOptions, Encoder, EncoderInput, EncoderOutput } from '../media/encoder.ts';
import type { ContinuationState } from '../protocol/continuation-state.ts';
import type { RunSignals, SegmentEvent, SegmentRequest } from './pool.ts';

/** What of the encoder the operator sets; the rest comes from the request and the generator. */
export type EncoderSettings = Pick<
  EncodeOptions,
  'preset' | 'pixelFormat' | 'profile' | 'gop' | 'fragmentDurationMs' | 'extraArgs'
>;

/** A few hundred milliseconds of media, at the usual fragment duration. */
const chunksBeforeWarm = 4;

type Picture = Pick<GenerationRequest, 'width' | 'height' | 'fps'>;

/** Makes one segment at a time: a generator's frames and sound go straight into an encoder. */
export class SegmentMaker {
  readonly #generator: Generator;
  readonly #encoder: Encoder;
  readonly #settings: EncoderSettings;

  constructor(generator: Generator, encoder: Encoder, settings: EncoderSettings) {
    this.#generator = generator;
    this.#encoder = encoder;
    this.#settings = settings;
  }

  totalSteps(request: GenerationRequest): number {
    return this.#generator.totalSteps(request);
  }

  /** Keeps an encoder ready for a picture of this size. */
  warm(picture: Picture): void {
    this.#encoder.warm(this.#encodeOptions(picture));
  }

  async *make(request: SegmentRequest, signals: RunSignals): AsyncGenerator<SegmentEvent, void, undefined> {
    const gone = new AbortController();
    const abandon = AbortSignal.any([signals.abandon, gone.signal]);
    // Two media chunks in flight: one being sent, one being made.
    const events = new BoundedQueue<SegmentEvent>(2);
    const work = this.#work(request, signals.cancel, abandon, events);
    try {
      yield* events;
    } finally {
      gone.abort();
      events.close();
      await work;
    }
  }

  async #work(
    request: SegmentRequest,
    cancel: AbortSignal,
    abandon: AbortSignal,
    events: BoundedQueue<SegmentEvent>,
  ): Promise<void> {
    const { generation, timeline } = request;
    let state: ContinuationState | undefined;
    let frames = 0;
    let chunks = 0;
    const generated = this.#generator.generate(generation, AbortSignal.any([cancel, abandon]));
    async function* input(): AsyncGenerator<EncoderInput, void, undefined> {
      for await (const event of generated) {
        if (event.type === 'step') events.offer(event);
        else if (event.type === 'state') state = event.state;
        else {
          if (event.type === 'frame') frames += 1;
          yield event;
        }
      }
    }
    try {
      let end: Extract<EncoderOutput, { type: 'end' }> | undefined;
      const options = { ...this.#encodeOptions(generation), timeline };
      for await (const output of this.#encoder.encode(input(), options, abandon)) {
        if (output.type === 'end') {
          end = output;
          continue;
        }
        await events.push(output);
        if (output.type === 'media') chunks += 1;
        // A prompt may come right behind: the next encoder starts while this one is at work, but not before the first
        // pictures have left, because starting a process holds this one up for milliseconds.
        if (chunks === chunksBeforeWarm) this.warm(generation);
      }
      if (state) events.offer({ type: 'state', state });
      if (end) events.offer({ ...end, type: 'done', cancelled: cancel.aborted });
      events.end();
      this.warm(generation);
    } catch (error) {
      if (cancel.aborted && frames === 0) {
        events.offer({ type: 'done', frames: 0, durationMs: 0, timeline, cancelled: true });
        events.end();
      } else {
        events.end({ error });
      }
    }
  }

  #encodeOptions({ width, height, fps }: Picture): EncodeOptions {
    const { audio } = this.#generator.info;
    return { ...this.#settings, width, height, fps, ...(audio ? { audio } : {}) };
  }
}
