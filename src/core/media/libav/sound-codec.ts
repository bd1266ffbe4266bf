import type { CodecContext, Packet } from 'node-av/lib';
import type { AudioPlan } from '../encode-plan.ts';
import type { Sample } from '../mp4/fragment-writer.ts';
import { aacFrame } from '../sound-track.ts';
import { checked } from './check.ts';
import { type Held, hold, letGo } from './held.ts';
import { initSegment } from './init-segment.ts';
import type { Libav } from './load-libav.ts';
import { takenPackets } from './taken-packets.ts';

/** An opened AAC-LC encoder. It works at once and here: a packet takes 50 microseconds. */
export class SoundCodec implements Held {
  readonly isBusy = false;
  readonly init: Uint8Array;
  readonly #av: Libav;
  readonly #plan: AudioPlan;
  readonly #encoder: CodecContext;
  readonly #packet: Packet;
  #samplesIn = 0;
  #isFree = false;

  /** Throws `encoder_failed`. */
  constructor(av: Libav, plan: AudioPlan) {
    const { lib, constants } = av;
    this.#av = av;
    this.#plan = plan;
    this.#encoder = new lib.CodecContext();
    this.#packet = new lib.Packet();
    this.#packet.alloc();
    hold(this);
    try {
      const codec = lib.Codec.findEncoderByName(constants.FF_ENCODER_AAC);
      this.#encoder.allocContext3(codec);
      this.#encoder.sampleFormat = constants.AV_SAMPLE_FMT_FLTP;
      this.#encoder.sampleRate = plan.sampleRate;
      this.#encoder.channelLayout = lib.avChannelLayoutDefault(plan.channels);
      this.#encoder.bitRate = BigInt(plan.bitrate);
      this.#encoder.profile = constants.AV_PROFILE_AAC_LOW;
      this.#encoder.timeBase = new lib.Rational(1, plan.sampleRate);
      this.#encoder.setFlags(constants.AV_CODEC_FLAG_GLOBAL_HEADER);
      // The default coder, `twoloop`, breaks steady tones audibly.
      checked(av, this.#encoder.setOption('aac_coder', 'fast'), 'set aac_coder to fast');
      checked(av, this.#encoder.open2Sync(), 'open the AAC encoder');
      this.init = initSegment(av, plan, this.#encoder, plan.sampleRate);
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** Encodes up to 1024 interleaved samples per channel; fewer only at the end. */
  encode(samples: Float32Array): Sample[] {
    const { lib, constants } = this.#av;
    const { channels, sampleRate } = this.#plan;
    const count = samples.length / channels;
    const planes = new Float32Array(samples.length);
    for (let channel = 0; channel < channels; channel += 1) {
      for (let at = 0; at < count; at += 1) {
        planes[channel * count + at] = samples[at * channels + channel] ?? 0;
      }
    }
    const frame = lib.Frame.fromAudioBuffer(Buffer.from(planes.buffer), {
      nbSamples: count,
      format: constants.AV_SAMPLE_FMT_FLTP,
      sampleRate,
      channelLayout: lib.avChannelLayoutDefault(channels),
      pts: BigInt(this.#samplesIn),
    });
    this.#samplesIn += count;
    try {
      checked(this.#av, this.#encoder.sendFrameSync(frame), 'encode sound');
    } finally {
      frame.free();
    }
    return this.#taken();
  }

  /** What is left in the encoder. */
  flush(): Sample[] {
    checked(this.#av, this.#encoder.sendFrameSync(null), 'end the sound');
    return this.#taken();
  }

  free(): void {
    if (this.#isFree) return;
    this.#isFree = true;
    letGo(this);
    this.#encoder.freeContext();
    this.#packet.free();
  }

  #taken(): Sample[] {
    const packets = takenPackets(this.#encoder, this.#packet);
    return Array.from(packets, ({ data }) => ({ data: Buffer.from(data), duration: aacFrame, isKey: true }));
  }
}
