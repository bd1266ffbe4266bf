import { PlacedMedia } from '../src/client/film/placed-media.ts';
import type { MediaPlayer } from '../src/client/player/media-player.ts';
import type { Bytes } from '../src/client/web-socket.ts';
import type { Recordings } from './recordings.ts';

/** Media on its way to the player and to the download: sessions that continue each other become one film. */
export class Film {
  readonly #player: MediaPlayer;
  readonly #recordings: Recordings;
  readonly #placed = new PlacedMedia();
  readonly #onAnew: () => void;

  /** `onAnew`: another film begins. */
  constructor(player: MediaPlayer, recordings: Recordings, onAnew: () => void) {
    this.#player = player;
    this.#recordings = recordings;
    this.#onAnew = onAnew;
  }

  /** Up to the end of what has come. */
  get seconds(): number {
    return this.#placed.seconds;
  }

  /** `new`: another film begins; else the media belongs behind that of the session before. */
  sessionStarted(how: 'new' | 'continued' | 'resumed'): void {
    if (how === 'new') {
      this.#placed.reset();
      this.#beginAnew();
    } else this.#placed.begin();
  }

  /** `seconds`: the length of the segment. */
  init(data: Bytes, mime: string, seconds: number | undefined): void {
    const place = this.#placed.init(data);
    if (place === 'new') this.#beginAnew();
    this.#player.init(place === 'unreadable' ? undefined : data, mime, seconds);
    if (place !== 'unreadable') this.#recordings.init(data, mime);
  }

  media(data: Bytes): void {
    for (const part of this.#placed.media(data)) {
      this.#player.media(part);
      this.#recordings.media(part);
    }
  }

  /** The browser could not read the media: what comes next belongs into no file with it. */
  failed(): void {
    this.#recordings.sessionStarted();
  }

  #beginAnew(): void {
    this.#player.restart();
    this.#recordings.sessionStarted();
    this.#onAnew();
  }
}
