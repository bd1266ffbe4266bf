import { orAborted } from '../../base/async/aborted.ts';
import type { Film } from './film.ts';

/** Bytes that may wait here for a slow reader. */
const bufferBytes = 16 * 1024 * 1024;

type WrittenFilm = Pick<Film, 'init' | 'media' | 'beginTimeline' | 'bytes'>;

interface FilmWriterEvents {
  /** Enough media waits. */
  full(): void;
  /** More may come. */
  drained(): void;
  /** So many bytes of the film are written. */
  written(bytes: number): void;
  failed(error: unknown): void;
}

/** Writes what comes into the film, one after the other, while more comes. */
export class FilmWriter {
  readonly #film: WrittenFilm;
  readonly #events: FilmWriterEvents;
  #last: Promise<void> = Promise.resolve();
  #waitingBytes = 0;
  #isFull = false;

  constructor(film: WrittenFilm, events: FilmWriterEvents) {
    this.#film = film;
    this.#events = events;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  init(data: Uint8Array): void {
    this.after(() => this.#film.init(data));
  }

  /** The media that comes next is on a time line of its own. */
  beginTimeline(): void {
    this.after(() => this.#film.beginTimeline());
  }

  media(data: Uint8Array): void {
    this.#waitingBytes += data.length;
    if (!this.#isFull && this.#waitingBytes > bufferBytes) {
      this.#isFull = true;
      this.#events.full();
    }
    this.after(async () => {
      await this.#film.media(data);
      this.#events.written(this.#film.bytes);
      this.#waitingBytes -= data.length;
      if (!this.#isFull || this.#waitingBytes > bufferBytes / 2) return;
      this.#isFull = false;
      this.#events.drained();
    });
  }

  /** Does something once all that came before is written. After a failure nothing is done any more. */
  after(act: () => void | Promise<void>): void {
    this.#last = this.#last.then(act);
    this.#last.catch((error: unknown) => this.#events.failed(error));
  }

  /** Resolves when all is written. Throws what the writing threw, or the signal's reason. */
  async end(signal: AbortSignal): Promise<void> {
    await orAborted(this.#last, signal);
  }
}
