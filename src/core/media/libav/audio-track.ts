import { quietTurn } from '../../base/quiet-turn.ts';
import type { AudioPlan } from '../encode-plan.ts';
import type { Sample } from '../mp4/fragment-writer.ts';
import { aacFrame, leadBytes } from '../sound-track.ts';
import { LibavTrack } from './libav-track.ts';
import type { Libav } from './load-libav.ts';
import { SoundCodec } from './sound-codec.ts';

/** AAC frames that are encoded before the event loop has its turn: some milliseconds. */
const framesAtOnce = 8;

/** The sound of one segment, in an encoder of its own: what was sent of the segment before comes in as its run-up. */
export class AudioTrack extends LibavTrack {
  readonly #codec: SoundCodec;
  /** Samples that do not fill an AAC frame yet. */
  readonly #block: Float32Array;
  #filled = 0;
  #unread: Float32Array[] = [];
  #work: Promise<void> | undefined;
  #isWorking = false;
  #mayEnd = false;

  /** Throws `encoder_failed`. */
  constructor(av: Libav, plan: AudioPlan) {
    super();
    this.#codec = new SoundCodec(av, plan);
    this.#block = new Float32Array(aacFrame * plan.channels);
    this.giveInit(this.#codec.init);
    this.writeNow(new Uint8Array(leadBytes(plan)));
  }

  get unreadBytes(): number {
    return this.#unread.reduce((bytes, { byteLength }) => bytes + byteLength, 0);
  }

  async write(data: Uint8Array): Promise<void> {
    this.writeNow(data);
    await this.#work;
  }

  writeNow(data: Uint8Array): void {
    if (!this.isRunning || data.length === 0) return;
    const samples = new Float32Array(
      data.buffer,
      data.byteOffset,
      data.byteLength / Float32Array.BYTES_PER_ELEMENT,
    );
    this.#unread.push(samples);
    this.#go();
  }

  end(): void {
    this.#mayEnd = true;
    this.#go();
  }

  async kill(): Promise<void> {
    this.#unread = [];
    this.drop();
    await this.#work;
    this.#codec.free();
  }

  #go(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#work = this.#run();
  }

  async #run(): Promise<void> {
    try {
      // Once more for what has come since.
      while (this.#unread.length > 0 && this.isRunning) await this.#encodeUnread();
      if (this.#mayEnd && this.isRunning) this.#finish();
    } catch (error) {
      this.finish(error);
    } finally {
      this.#isWorking = false;
    }
  }

  async #encodeUnread(): Promise<void> {
    let frames = 0;
    for (let samples = this.#unread.shift(); samples; samples = this.#unread.shift()) {
      for (let at = 0; at < samples.length; ) {
        const part = samples.subarray(at, at + this.#block.length - this.#filled);
        this.#block.set(part, this.#filled);
        this.#filled += part.length;
        at += part.length;
        if (this.#filled < this.#block.length) break;
        this.#encodeBlock();
        frames += 1;
        if (frames % framesAtOnce === 0) await quietTurn();
        if (!this.isRunning) return;
      }
    }
  }

  #finish(): void {
    if (this.#filled > 0) this.#encodeBlock();
    this.#giveAll(this.#codec.flush());
    this.#codec.free();
    this.finish();
  }

  #encodeBlock(): void {
    const block = this.#block.subarray(0, this.#filled);
    this.#filled = 0;
    this.#giveAll(this.#codec.encode(block));
  }

  #giveAll(samples: readonly Sample[]): void {
    for (const sample of samples) this.giveNow(sample);
  }
}
