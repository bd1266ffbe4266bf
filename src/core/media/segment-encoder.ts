import { FastVideoError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { type AudioPlan, type EncodePlan, planEncode } from './encode-plan.ts';
import type { EncodeOptions, Encoder, EncoderInput, EncoderOutput } from './encoder.ts';
import { SegmentEncoding, type Sound } from './segment-encoding.ts';
import { SoundTrack } from './sound-track.ts';
import { type SentMedia, type Timeline, timelineStart } from './timeline.ts';
import type { TrackEncoders } from './track-encoder.ts';

/** An encoder over one encoder for the frames and one for the sound of each segment. */
export class SegmentEncoder implements Encoder {
  readonly #tracks: TrackEncoders;
  readonly #logger: Logger | undefined;
  readonly #running = new Set<SegmentEncoding>();
  /** Init segments of the sound, by its plan: they do not depend on the samples. */
  readonly #soundInits = new Map<string, Uint8Array>();
  #closed = false;

  constructor(tracks: TrackEncoders, logger?: Logger) {
    this.#tracks = tracks;
    this.#logger = logger;
  }

  async *encode(
    input: AsyncIterable<EncoderInput>,
    options: EncodeOptions,
    signal?: AbortSignal,
  ): AsyncGenerator<EncoderOutput, void, undefined> {
    signal?.throwIfAborted();
    if (this.#closed) throw closedError();
    const plan = planEncode(options);
    const timeline = options.timeline ?? timelineStart;
    const segment = {
      plan,
      timeline,
      framesBefore: options.sent?.frames ?? 0,
      final: options.final ?? false,
      video: this.#tracks.video(plan),
      sound: plan.audio && this.#sound(plan, plan.audio, timeline, options.sent),
    };
    const encoding = new SegmentEncoding(segment, input);
    const onAbort = () => encoding.fail(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#running.add(encoding);
    try {
      yield* encoding.outputs();
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#running.delete(encoding);
    }
  }

  warm(options: EncodeOptions): void {
    if (this.#closed) return;
    try {
      this.#tracks.warm(planEncode(options));
    } catch (error) {
      // Only a preparation: `encode` with the same options will say it to someone who waits for it.
      this.#logger?.debug({ err: error }, 'no encoder could be kept ready');
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const encoding of this.#running) encoding.fail(closedError());
    await Promise.all([...this.#running].map((encoding) => encoding.free()));
    await this.#tracks.close();
  }

  #sound(plan: EncodePlan, audio: AudioPlan, timeline: Timeline, sent: SentMedia | undefined): Sound {
    const key = JSON.stringify(audio);
    return {
      encoder: this.#tracks.sound(audio),
      track: new SoundTrack(audio, plan.fps, timeline, sent),
      knownInit: this.#soundInits.get(key),
      onInit: (init) => this.#soundInits.set(key, init),
    };
  }
}

function closedError(): FastVideoError {
  return new FastVideoError('encoder_failed', 'The encoder was closed.');
}
