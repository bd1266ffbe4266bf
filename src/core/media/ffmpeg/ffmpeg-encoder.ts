import { FastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { type EncodePlan, planEncode } from '../encode-plan.ts';
import type { EncodeOptions, Encoder, EncoderInput, EncoderOutput } from '../encoder.ts';
import { leadSilence, SoundTrack } from '../sound-track.ts';
import { type SentMedia, type Timeline, timelineStart } from '../timeline.ts';
import { audioArguments, videoArguments } from './arguments.ts';
import { ffmpegBinary } from './binary.ts';
import { FfmpegProcess } from './process.ts';
import { SegmentEncoding, type Sound } from './segment-encoding.ts';
import { SpareProcesses } from './spares.ts';

export interface FfmpegEncoderOptions {
  /** The ffmpeg to run; default `FASTVIDEO_FFMPEG_BIN`, else the bundled or the system's, by picture size. */
  readonly ffmpegPath?: string;
  /**
   * Whether ffmpeg gets a process group of its own, out of reach of a Ctrl-C at the terminal; default true. A worker,
   * which heads a group itself, keeps it in that: who kills the group then ends both.
   */
  readonly ownGroup?: boolean;
  readonly logger?: Logger;
}

/** Option sets for which processes are kept ready, each with one for the video and one for the sound. */
const spareSets = 4;

/** An encoder that runs ffmpeg as child processes: one for a segment's video, one for its sound. */
export function createFfmpegEncoder(options: FfmpegEncoderOptions = {}): Encoder {
  return new FfmpegEncoder(options);
}

class FfmpegEncoder implements Encoder {
  readonly #ffmpegPath: string | undefined;
  readonly #logger: Logger | undefined;
  readonly #ownGroup: boolean;
  readonly #spares: SpareProcesses;
  readonly #running = new Set<SegmentEncoding>();
  /** Init segments of the sound, by its arguments: they do not depend on the samples. */
  readonly #soundInits = new Map<string, Uint8Array>();
  #closed = false;

  constructor(options: FfmpegEncoderOptions) {
    this.#ffmpegPath = options.ffmpegPath;
    this.#ownGroup = options.ownGroup ?? true;
    this.#spares = new SpareProcesses(2 * spareSets, this.#ownGroup);
    this.#logger = options.logger;
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
      video: this.#videoProcess(plan),
      sound: this.#sound(plan, timeline, options.sent),
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
      const plan = planEncode(options);
      this.#spares.add(this.#videoBinary(plan), videoArguments(plan));
      if (plan.audio) {
        const { channels } = plan.audio;
        this.#spares.add(this.#soundBinary(), audioArguments(plan.audio), (spare) =>
          feedLead(spare, channels),
        );
      }
    } catch (error) {
      // Only a preparation: `encode` with the same options will say it to someone who waits for it.
      this.#logger?.debug({ err: error }, 'no encoder could be kept ready');
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const encoding of this.#running) encoding.fail(closedError());
    await Promise.all([this.#spares.close(), ...[...this.#running].map((encoding) => encoding.free())]);
  }

  #videoProcess(plan: EncodePlan): FfmpegProcess {
    const path = this.#videoBinary(plan);
    const args = videoArguments(plan);
    return this.#spares.take(path, args) ?? new FfmpegProcess(path, args, this.#ownGroup);
  }

  #sound(plan: EncodePlan, timeline: Timeline, sent: SentMedia | undefined): Sound | undefined {
    const { audio } = plan;
    if (!audio) return undefined;
    const path = this.#soundBinary();
    const args = audioArguments(audio);
    let process = this.#spares.take(path, args);
    if (!process) {
      process = new FfmpegProcess(path, args, this.#ownGroup);
      feedLead(process, audio.channels);
    }
    const key = args.join(' ');
    return {
      process,
      track: new SoundTrack(audio, plan.fps, timeline, sent),
      knownInit: this.#soundInits.get(key),
      onInit: (init) => this.#soundInits.set(key, init),
    };
  }

  #videoBinary(plan: EncodePlan): string {
    return ffmpegBinary(this.#ffmpegPath, plan.width * plan.height);
  }

  #soundBinary(): string {
    return ffmpegBinary(this.#ffmpegPath, 0);
  }
}

function feedLead(process: FfmpegProcess, channels: number): void {
  process.writeNow(new Uint8Array(leadSilence * channels * Float32Array.BYTES_PER_ELEMENT));
}

function closedError(): FastVideoError {
  return new FastVideoError('encoder_failed', 'The encoder was closed.');
}
