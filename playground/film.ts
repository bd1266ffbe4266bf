import { FilmTimeline } from '../src/client/film/film-timeline.ts';
import type { Bytes } from '../src/client/web-socket.ts';
import type { MediaPlayer } from './media-player.ts';
import type { Recordings } from './recordings.ts';

/** Media on its way to the player and to the download: sessions that continue each other become one film. */
export class Film {
  readonly #player: MediaPlayer;
  readonly #recordings: Recordings;
  #timeline = new FilmTimeline();

  constructor(player: MediaPlayer, recordings: Recordings) {
    this.#player = player;
    this.#recordings = recordings;
  }

  /** `continues`: its media belongs behind that of the session before; else another film begins. */
  sessionStarted(continues: boolean): void {
    if (continues) this.#timeline.begin();
    else this.#beginAnew();
  }

  init(data: Bytes, mime: string): void {
    if (!this.#follows(data)) this.#beginAnew();
    this.#player.init(data, mime);
    this.#recordings.init(data, mime);
  }

  media(data: Bytes): void {
    for (const part of this.#placed(data)) {
      this.#player.media(part);
      this.#recordings.media(part);
    }
  }

  #beginAnew(): void {
    this.#timeline = new FilmTimeline();
    this.#player.restart();
    this.#recordings.sessionStarted();
  }

  #follows(init: Bytes): boolean {
    try {
      return typeof this.#timeline.init(init) === 'string';
    } catch {
      // Malformed: the player says so, in the browser's words.
      return true;
    }
  }

  #placed(media: Bytes): readonly Bytes[] {
    try {
      return this.#timeline.place(media) as readonly Bytes[];
    } catch {
      // Malformed: the player says so, in the browser's words.
      return [media];
    }
  }
}
