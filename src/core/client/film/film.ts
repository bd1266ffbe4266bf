import { FilmTimeline } from '../../../client/film/film-timeline.ts';
import { FastVideoError } from '../../base/errors.ts';

/** Where the bytes of a film go. Resolves when they are handed over: whoever writes waits for it. */
export type WriteFilm = (bytes: Uint8Array) => Promise<void>;

/** One fragmented MP4 out of the media of any number of connections and sessions: the first initialization segment, then all media on one time line. */
export class Film {
  readonly #write: WriteFilm;
  readonly #timeline = new FilmTimeline();
  #bytes = 0;
  /** The initialization segment, until there is media to write behind it: alone it is no film. */
  #init: Uint8Array | undefined;

  constructor(write: WriteFilm) {
    this.#write = write;
  }

  /** Bytes written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Up to the end of its longest track. */
  get seconds(): number {
    return this.#timeline.seconds;
  }

  /** The media that comes next is on a time line of its own. */
  beginTimeline(): void {
    this.#timeline.begin();
  }

  /** Keeps the first one for the first media. Throws `input_invalid` when a later one describes media that cannot follow. */
  init(data: Uint8Array): void {
    const kind = this.#timeline.init(data);
    if (kind === 'first') this.#init = data;
    if (typeof kind === 'string') return;
    const message = `The server changed the stream in the middle (${kind.difference}); one MP4 cannot hold both.`;
    throw new FastVideoError('input_invalid', message);
  }

  /** Writes whole `moof` and `mdat` pairs; their times are changed in place. */
  async media(data: Uint8Array): Promise<void> {
    for (const part of this.#timeline.place(data)) await this.#put(part);
  }

  async #put(data: Uint8Array): Promise<void> {
    const init = this.#init;
    if (init) {
      this.#init = undefined;
      await this.#put(init);
    }
    await this.#write(data);
    this.#bytes += data.length;
  }
}
