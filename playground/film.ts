import { FilmTimeline } from '../src/core/client/film/film-timeline.ts';
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

  init(data: ArrayBuffer, mime: string): void {
    if (!this.#follows(data)) this.#beginAnew();
    this.#player.init(data, mime);
    this.#recordings.init(data, mime);
  }

  media(data: ArrayBuffer): void {
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

  #follows(init: ArrayBuffer): boolean {
    try {
      return typeof this.#timeline.init(new Uint8Array(init)) === 'string';
    } catch {
      // Malformed: the player says so, in the browser's words.
      return true;
    }
  }

  #placed(media: ArrayBuffer): readonly ArrayBuffer[] {
    try {
      // Each part is a whole message.
      return this.#timeline.place(new Uint8Array(media)).map(({ buffer }) => buffer as ArrayBuffer);
    } catch {
      // Malformed: the player says so, in the browser's words.
      return [media];
    }
  }
}
