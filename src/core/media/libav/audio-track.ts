import type { AudioPlan } from '../encode-plan.ts';
import type { Sample } from '../mp4/fragment-writer.ts';
import { aacFrame, leadBytes } from '../sound-track.ts';
import { LibavTrack } from './libav-track.ts';
import type { Libav } from './load-libav.ts';
import { SoundCodec } from './sound-codec.ts';

/** The sound of one segment, in an encoder of its own: what was sent of the segment before comes in as its run-up. */
export class AudioTrack extends LibavTrack {
  readonly unreadBytes = 0;
  readonly #codec: SoundCodec;
  /** Samples that do not fill an AAC frame yet. */
  readonly #block: Float32Array;
  #filled = 0;

  /** Throws `encoder_failed`. */
  constructor(av: Libav, plan: AudioPlan) {
    super();
    this.#codec = new SoundCodec(av, plan);
    this.#block = new Float32Array(aacFrame * plan.channels);
    this.giveInit(this.#codec.init);
    this.writeNow(new Uint8Array(leadBytes(plan)));
  }

  async write(data: Uint8Array): Promise<void> {
    this.writeNow(data);
  }

  writeNow(data: Uint8Array): void {
    this.#try(() => {
      const samples = new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4);
      for (let at = 0; at < samples.length; ) {
        const part = samples.subarray(at, at + this.#block.length - this.#filled);
        this.#block.set(part, this.#filled);
        this.#filled += part.length;
        at += part.length;
        if (this.#filled === this.#block.length) this.#encodeBlock();
      }
    });
  }

  end(): void {
    this.#try(() => {
      if (this.#filled > 0) this.#encodeBlock();
      this.#giveAll(this.#codec.flush());
      this.#codec.free();
      this.finish();
    });
  }

  async kill(): Promise<void> {
    this.drop();
    this.#codec.free();
  }

  #encodeBlock(): void {
    const block = this.#block.subarray(0, this.#filled);
    this.#filled = 0;
    this.#giveAll(this.#codec.encode(block));
  }

  #giveAll(samples: readonly Sample[]): void {
    for (const sample of samples) this.giveNow(sample);
  }

  #try(work: () => void): void {
    if (!this.isRunning) return;
    try {
      work();
    } catch (error) {
      this.finish(error);
    }
  }
}
