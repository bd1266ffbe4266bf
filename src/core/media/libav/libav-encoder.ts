import type { Logger } from '../../base/log.ts';
import type { AudioPlan, EncodePlan } from '../encode-plan.ts';
import type { Encoder } from '../encoder.ts';
import { SegmentEncoder } from '../segment-encoder.ts';
import type { TrackEncoder, TrackEncoders } from '../track-encoder.ts';
import { AudioTrack } from './audio-track.ts';
import { CodecShelf } from './codec-shelf.ts';
import type { Libav } from './load-libav.ts';
import { VideoTrack } from './video-track.ts';

/** An encoder that runs x264 and AAC in this process, on threads of its own. */
export function createLibavEncoder(av: Libav, options: { readonly logger?: Logger } = {}): Encoder {
  return new SegmentEncoder(new LibavTracks(av), options.logger);
}

class LibavTracks implements TrackEncoders {
  readonly #av: Libav;
  readonly #shelf: CodecShelf;

  constructor(av: Libav) {
    this.#av = av;
    this.#shelf = new CodecShelf(av);
  }

  video(plan: EncodePlan): TrackEncoder {
    return new VideoTrack(this.#shelf.take(plan), (codec, isWhole) => {
      if (isWhole) this.#shelf.put(plan, codec);
      else codec.free();
    });
  }

  sound(audio: AudioPlan): TrackEncoder {
    return new AudioTrack(this.#av, audio);
  }

  warm(plan: EncodePlan): void {
    this.#shelf.fill(plan);
  }

  async close(): Promise<void> {
    await this.#shelf.close();
  }
}
