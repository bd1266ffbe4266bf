import { deferred } from '../base/async/deferred.ts';
import { Queue } from '../base/async/queue.ts';
import { FastVideoError } from '../base/errors.ts';
import type { AudioFormat, GenerationRequest, Generator, RunControl } from '../generators/generator.ts';
import { Pace } from '../generators/pace.ts';
import type { Encoders } from '../media/create-encoders.ts';
import type { EncodeOptions, Encoder, EncoderInput, EncoderSettings } from '../media/encoder.ts';
import { endOfSent } from '../media/end-of-sent.ts';
import type { JpegEncoder } from '../media/jpeg-encoder.ts';
import type { SentMedia, Timeline } from '../media/timeline.ts';
import type { RunSignals, SegmentEvent, SegmentRequest, SegmentRun } from './pool.ts';
import { SegmentSource } from './segment-source.ts';
import { type RestOfSegment, skipSent } from './skip-sent.ts';

/** How a segment's media ended. */
interface EndOfMedia {
  readonly frames: number;
  readonly durationMs: number;
  readonly timeline: Timeline;
}

/** A few hundred milliseconds of media, at the usual fragment duration. */
const chunksBeforeWarm = 4;

type Picture = Pick<GenerationRequest, 'width' | 'height' | 'fps'>;

/** Makes one segment at a time: a generator's frames and sound go straight into an encoder. */
export class SegmentMaker {
  readonly #generator: Generator;
  readonly #encoder: Encoder;
  readonly #jpegEncoder: JpegEncoder;
  readonly #settings: EncoderSettings;
  #toldAudio: AudioFormat | null | undefined;

  constructor(generator: Generator, encoders: Encoders, settings: EncoderSettings) {
    this.#generator = generator;
    this.#encoder = encoders.fragments;
    this.#jpegEncoder = encoders.jpegs;
    this.#settings = settings;
  }

  /** Begins one segment; `events` does the work. Throws what a generator throws that does not begin. */
  async begin(request: SegmentRequest, signals: RunSignals): Promise<SegmentRun> {
    const usualSteps = this.#generator.totalSteps(request.generation);
    if (!this.#generator.tellsSteps) {
      return { totalSteps: usualSteps, events: this.#make(request, signals) };
    }
    const told = deferred<number>();
    const events = this.#make(request, signals, told.resolve);
    const first = events.next();
    const totalSteps = await Promise.race([told.promise, first.then(() => usualSteps)]);
    return { totalSteps, events: withFirst(first, events) };
  }

  /** Keeps an encoder ready for a picture of this size. */
  warm(picture: Picture): void {
    this.#encoder.warm(this.#encodeOptions(picture));
  }

  async *#make(
    request: SegmentRequest,
    signals: RunSignals,
    onBegin?: (totalSteps: number) => void,
  ): AsyncGenerator<SegmentEvent, void, undefined> {
    const gone = new AbortController();
    const abandon = AbortSignal.any([signals.abandon, gone.signal]);
    // Two media chunks in flight: one being sent, one being made.
    const events = new Queue<SegmentEvent>(2);
    const control = { ...controlOf(request, signals), ...(onBegin ? { onBegin } : {}) };
    const work = this.#work(request, signals.cancel, abandon, events, control);
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
    events: Queue<SegmentEvent>,
    control: RunControl,
  ): Promise<void> {
    const { generation, sent } = request;
    let source: SegmentSource | undefined;
    try {
      const generated = this.#generator.generate(generation, AbortSignal.any([cancel, abandon]), control);
      source = new SegmentSource(generated, (notice) => events.offer(notice));
      const end =
        request.streamMode === 'legacy_jpeg'
          ? await this.#sendJpegs(request, source, abandon, events)
          : await this.#sendFragments(request, source, abandon, events);
      if (source.state) events.offer({ type: 'state', state: source.state });
      events.offer({ ...end, type: 'done', cancelled: cancel.aborted });
      events.end();
      if (request.streamMode !== 'legacy_jpeg') this.warm(generation);
    } catch (error) {
      if (cancel.aborted && (source?.frames ?? 0) <= (sent?.frames ?? 0))
        this.#endWithNothing(request, events);
      else events.end({ error });
    }
  }

  /** The run was cancelled before it had anything to send. */
  #endWithNothing(request: SegmentRequest, events: Queue<SegmentEvent>): void {
    const { timeline, sent } = request;
    try {
      const end = sent ? this.#endOfSent(request, []) : { frames: 0, durationMs: 0, timeline };
      events.offer({ ...end, type: 'done', cancelled: true });
      events.end();
    } catch (error) {
      events.end({ error });
    }
  }

  async #sendFragments(
    request: SegmentRequest,
    source: SegmentSource,
    abandon: AbortSignal,
    events: Queue<SegmentEvent>,
  ): Promise<EndOfMedia> {
    const { generation, timeline, sent } = request;
    const audio = this.#generator.tellsAudioFormat ? await source.audioFormat() : undefined;
    const options = { ...this.#encodeOptions(generation, audio), timeline, ...(sent ? { sent } : {}) };
    const { sound, media } = await restOf(source, sent, abandon);
    if (!media) return this.#endOfSent(request, sound);
    let chunks = 0;
    for await (const output of this.#encoder.encode(media, options, abandon)) {
      if (output.type === 'end') return output;
      await events.push(output);
      if (output.type === 'media') chunks += 1;
      // A prompt may come right behind: the next encoder starts while this one is at work, but not before the first
      // pictures have left, because starting a process holds this one up for milliseconds.
      if (chunks === chunksBeforeWarm) this.warm(generation);
    }
    throw new FastVideoError('encoder_failed', 'The encoder ended without a result.');
  }

  /** Sound has no place in this mode and is dropped. */
  async #sendJpegs(
    request: SegmentRequest,
    source: SegmentSource,
    abandon: AbortSignal,
    events: Queue<SegmentEvent>,
  ): Promise<EndOfMedia> {
    const { generation, timeline, sent } = request;
    const { width, height, fps } = generation;
    const { media } = await restOf(source, sent, abandon);
    if (!media) return this.#endOfSent(request, []);
    let frames = sent?.frames ?? 0;
    const files = this.#jpegEncoder.encode(framesOf(media), { width, height }, abandon);
    const now = (): Timeline => ({ videoFrames: timeline.videoFrames + frames });
    for await (const batch of files) {
      frames += batch.length;
      await events.push({ type: 'jpeg', files: batch, timeline: now() });
    }
    return { frames, durationMs: (frames * 1000) / fps, timeline: now() };
  }

  /** The end of a segment that brings no frame behind those that were sent. */
  #endOfSent(request: SegmentRequest, sound: RestOfSegment['sound']): EndOfMedia {
    const { generation, timeline, streamMode, sent = { frames: 0 } } = request;
    const { audio, ...silent } = this.#encodeOptions(generation);
    const options = audio && streamMode !== 'legacy_jpeg' ? { ...silent, audio } : silent;
    return endOfSent({ ...options, timeline, sent }, sound);
  }

  #encodeOptions({ width, height, fps }: Picture, told?: AudioFormat | null): EncodeOptions {
    // What the last segment's sound was is the best guess for an encoder that is kept ready.
    if (told !== undefined) this.#toldAudio = told;
    const audio = this.#toldAudio === undefined ? this.#generator.info.audio : this.#toldAudio;
    return { ...this.#settings, width, height, fps, ...(audio ? { audio } : {}) };
  }
}

/** What was shown cannot be changed any more, and is made again as fast as it can be. */
function controlOf({ generation, sent, pace }: SegmentRequest, { steering }: RunSignals): RunControl {
  const shown = sent?.frames ?? 0;
  return {
    ...(steering ? { steering: shown > 0 ? steering.after(shown) : steering } : {}),
    ...(pace ? { pace: new Pace({ ...pace, fps: generation.fps, firstFrame: shown }) } : {}),
  };
}

/** An iteration whose first step has been taken already. */
async function* withFirst<Item>(
  first: Promise<IteratorResult<Item, void>>,
  rest: AsyncGenerator<Item, void, undefined>,
): AsyncGenerator<Item, void, undefined> {
  try {
    const { done, value } = await first;
    if (done) return;
    yield value;
    yield* rest;
  } finally {
    await rest.return();
  }
}

async function restOf(
  source: SegmentSource,
  sent: SentMedia | undefined,
  abandon: AbortSignal,
): Promise<RestOfSegment> {
  const media = source.media();
  // Nothing is waited for when all of it is to be encoded.
  return sent?.frames ? skipSent(media, sent.frames, abandon) : { sound: [], media };
}

async function* framesOf(media: AsyncIterable<EncoderInput>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const input of media) if (input.type === 'frame') yield input.data;
}
