import type { Bytes } from '../web-socket.ts';
import { FilmTimeline } from './film-timeline.ts';

/** Media of any number of sessions on one time line, for who plays or keeps it. */
export class PlacedMedia {
  #timeline = new FilmTimeline();

  /** Up to the end of what was placed. */
  get seconds(): number {
    return this.#timeline.seconds;
  }

  /** The media that comes next belongs behind what was there, whatever its own times say. */
  begin(): void {
    this.#timeline.begin();
  }

  /** The next media begins another time line, at 0. */
  reset(): void {
    this.#timeline = new FilmTimeline();
  }

  /**
   * Takes an initialization segment. `new`: its media cannot follow what was there, and begins another time line.
   * `unreadable`: it is malformed; media that comes behind it is taken for media of the one before, where there is one.
   */
  init(data: Bytes): 'follows' | 'new' | 'unreadable' {
    try {
      if (typeof this.#timeline.init(data) === 'string') return 'follows';
    } catch {
      return 'unreadable';
    }
    this.reset();
    this.#timeline.init(data);
    return 'new';
  }

  /**
   * Gives what can be played now, with its times changed. Media that is malformed is left out: a browser would take what
   * comes behind it for a part of it, and play nothing more.
   */
  media(data: Bytes): readonly Bytes[] {
    try {
      return this.#timeline.place(data) as readonly Bytes[];
    } catch {
      return [];
    }
  }
}
