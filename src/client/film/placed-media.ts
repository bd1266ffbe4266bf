import type { Bytes } from '../web-socket.ts';
import { FilmTimeline } from './film-timeline.ts';

/** Media of any number of sessions on one time line, for who plays or keeps it. */
export class PlacedMedia {
  #timeline = new FilmTimeline();

  /** The media that comes next belongs behind what was there, whatever its own times say. */
  begin(): void {
    this.#timeline.begin();
  }

  /** The next media begins another time line, at 0. */
  reset(): void {
    this.#timeline = new FilmTimeline();
  }

  /** Takes an initialization segment. False when its media cannot follow: another time line has begun. */
  init(data: Bytes): boolean {
    try {
      if (typeof this.#timeline.init(data) === 'string') return true;
    } catch {
      // Malformed: who plays it says so, in the browser's words.
      return true;
    }
    this.reset();
    this.#timeline.init(data);
    return false;
  }

  /** Gives what can be played now, with its times changed. */
  media(data: Bytes): readonly Bytes[] {
    try {
      return this.#timeline.place(data) as readonly Bytes[];
    } catch {
      // Malformed: who plays it says so, in the browser's words.
      return [data];
    }
  }
}
