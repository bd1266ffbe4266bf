import type { Sample } from '../mp4/fragment-writer.ts';
import { LibavTrack } from './libav-track.ts';
import type { VideoCodec } from './video-codec.ts';

/** The frames of one segment on their way through a codec, which ends with them. */
export class VideoTrack extends LibavTrack {
  readonly unreadBytes = 0;
  readonly #codec: Promise<VideoCodec>;
  #writing: Promise<void> = Promise.resolve();
  #encoding: Promise<void> = Promise.resolve();
  #ending: Promise<void> | undefined;
  #hasBegun = false;

  constructor(codec: Promise<VideoCodec>) {
    super();
    this.#codec = codec;
    // Told by the first frame, which waits for it; without one nobody asks.
    codec.catch(() => {});
  }

  write(data: Uint8Array, onRead?: () => void): Promise<void> {
    this.writeNow(data, onRead);
    return this.#writing;
  }

  writeNow(data: Uint8Array, onRead?: () => void): void {
    this.#writing = this.#writing
      .then(() => this.#write(data, onRead))
      .catch((error: unknown) => this.finish(error));
  }

  end(): void {
    this.#ending ??= this.#end().catch((error: unknown) => this.finish(error));
  }

  async kill(): Promise<void> {
    this.drop();
    await Promise.all([this.#writing, this.#encoding, this.#ending]);
    await this.#free();
  }

  /** Resolves when the frame is converted and the one before it has been taken. */
  async #write(data: Uint8Array, onRead: (() => void) | undefined): Promise<void> {
    if (!this.isRunning) return;
    const codec = await this.#codec;
    if (!this.#hasBegun) this.giveInit(codec.init);
    this.#hasBegun = true;
    const frame = await codec.convert(data);
    onRead?.();
    await this.#encoding;
    if (!this.isRunning) return;
    this.#encoding = this.#give(codec.encode(frame)).catch((error: unknown) => this.finish(error));
  }

  async #give(samples: Promise<readonly Sample[]>): Promise<void> {
    for (const sample of await samples) await this.give(sample);
  }

  async #end(): Promise<void> {
    await this.#writing;
    await this.#encoding;
    if (!this.isRunning) return;
    const codec = await this.#codec;
    await this.#give(codec.flush());
    codec.free();
    this.finish();
  }

  async #free(): Promise<void> {
    const codec = await this.#codec.catch(() => undefined);
    codec?.free();
  }
}
