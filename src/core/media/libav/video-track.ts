import type { Sample } from '../mp4/fragment-writer.ts';
import { LibavTrack } from './libav-track.ts';
import type { VideoCodec } from './video-codec.ts';

/** The frames of one segment on their way through a codec, which they have for themselves meanwhile. */
export class VideoTrack extends LibavTrack {
  readonly unreadBytes = 0;
  readonly #codec: Promise<VideoCodec>;
  readonly #giveBack: (codec: VideoCodec, isWhole: boolean) => void;
  #writing: Promise<void> = Promise.resolve();
  #encoding: Promise<void> = Promise.resolve();
  #ending: Promise<void> | undefined;
  #frames = 0;
  #hasGivenBack = false;

  /** @param giveBack - takes the codec when the segment is over; `isWhole`: another may go on with it */
  constructor(codec: Promise<VideoCodec>, giveBack: (codec: VideoCodec, isWhole: boolean) => void) {
    super();
    this.#codec = codec;
    this.#giveBack = giveBack;
    // Told by the first frame.
    codec.catch(() => {});
  }

  write(data: Uint8Array): Promise<void> {
    this.writeNow(data);
    return this.#writing;
  }

  writeNow(data: Uint8Array): void {
    this.#writing = this.#writing.then(() => this.#write(data)).catch((error: unknown) => this.finish(error));
  }

  end(): void {
    this.#ending ??= this.#end().catch((error: unknown) => this.finish(error));
  }

  async kill(): Promise<void> {
    this.drop();
    await Promise.all([this.#writing, this.#encoding, this.#ending]);
    await this.#release(false);
  }

  /** Resolves when the frame is converted and the one before it has been taken. */
  async #write(data: Uint8Array): Promise<void> {
    if (!this.isRunning) return;
    const codec = await this.#codec;
    if (this.#frames === 0) this.giveInit(codec.init);
    const isKey = this.#frames === 0;
    this.#frames += 1;
    const frame = await codec.convert(data);
    await this.#encoding;
    if (!this.isRunning) return;
    this.#encoding = this.#give(codec.encode(frame, isKey)).catch((error: unknown) => this.finish(error));
  }

  async #give(samples: Promise<readonly Sample[]>): Promise<void> {
    for (const sample of await samples) await this.give(sample);
  }

  async #end(): Promise<void> {
    await this.#writing;
    await this.#encoding;
    if (!this.isRunning) return;
    const codec = await this.#codec;
    const isWhole = codec.isEmpty;
    if (!isWhole) await this.#give(codec.flush());
    await this.#release(isWhole);
    this.finish();
  }

  async #release(isWhole: boolean): Promise<void> {
    if (this.#hasGivenBack) return;
    this.#hasGivenBack = true;
    const codec = await this.#codec.catch(() => undefined);
    if (codec) this.#giveBack(codec, isWhole);
  }
}
