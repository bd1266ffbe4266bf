import type { Logger } from '../../base/log.ts';
import type { AudioPlan, EncodePlan } from '../encode-plan.ts';
import type { Encoder } from '../encoder.ts';
import { SegmentEncoder } from '../segment-encoder.ts';
import { leadBytes } from '../sound-track.ts';
import type { TrackEncoder, TrackEncoders } from '../track-encoder.ts';
import { audioArguments, videoArguments } from './arguments.ts';
import { ffmpegBinary, videoBinary } from './binary.ts';
import { FfmpegProcess } from './process.ts';
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
  return new SegmentEncoder(new FfmpegTracks(options), options.logger);
}

class FfmpegTracks implements TrackEncoders {
  readonly #ffmpegPath: string | undefined;
  readonly #ownGroup: boolean;
  readonly #spares: SpareProcesses;

  constructor({ ffmpegPath, ownGroup = true }: FfmpegEncoderOptions) {
    this.#ffmpegPath = ffmpegPath;
    this.#ownGroup = ownGroup;
    this.#spares = new SpareProcesses(2 * spareSets, ownGroup);
  }

  video(plan: EncodePlan): TrackEncoder {
    const path = videoBinary(this.#ffmpegPath, plan);
    const args = videoArguments(plan);
    return this.#spares.take(path, args) ?? new FfmpegProcess(path, args, this.#ownGroup);
  }

  sound(audio: AudioPlan): TrackEncoder {
    const path = this.#soundBinary();
    const args = audioArguments(audio);
    const spare = this.#spares.take(path, args);
    if (spare) return spare;
    const process = new FfmpegProcess(path, args, this.#ownGroup);
    process.writeNow(new Uint8Array(leadBytes(audio)));
    return process;
  }

  warm(plan: EncodePlan): void {
    this.#spares.add(videoBinary(this.#ffmpegPath, plan), videoArguments(plan));
    const { audio } = plan;
    if (!audio) return;
    this.#spares.add(this.#soundBinary(), audioArguments(audio), (spare) =>
      spare.writeNow(new Uint8Array(leadBytes(audio))),
    );
  }

  async close(): Promise<void> {
    await this.#spares.close();
  }

  #soundBinary(): string {
    return ffmpegBinary(this.#ffmpegPath, 0);
  }
}
