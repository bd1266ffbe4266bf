import type { Logger } from '../../base/log.ts';
import type { AudioPlan, EncodePlan } from '../encode-plan.ts';
import type { Encoder } from '../encoder.ts';
import { SegmentEncoder } from '../segment-encoder.ts';
import type { TrackEncoder, TrackEncoders } from '../track-encoder.ts';
import { AudioTrack } from './audio-track.ts';
import type { Libav } from './load-libav.ts';
import { SpareCodecs } from './spare-codecs.ts';
import { VideoTrack } from './video-track.ts';

/** An encoder that runs x264 and AAC in this process, on threads of its own. */
export function createLibavEncoder(av: Libav, options: { readonly logger?: Logger } = {}): Encoder {
  return new SegmentEncoder(new LibavTracks(av), options.logger);
}

class LibavTracks implements TrackEncoders {
  readonly #av: Libav;
  readonly #spares: SpareCodecs;

  constructor(av: Libav) {
    this.#av = av;
    this.#spares = new SpareCodecs(av);
  }

  video(plan: EncodePlan): TrackEncoder {
    return new VideoTrack(this.#spares.take(plan));
  }

  sound(audio: AudioPlan): TrackEncoder {
    return new AudioTrack(this.#av, audio);
  }

  warm(plan: EncodePlan): void {
    this.#spares.add(plan);
  }

  async close(): Promise<void> {
    await this.#spares.close();
  }
}
