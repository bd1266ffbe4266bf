import type { Bytes } from '../src/client/web-socket.ts';
import { Recording, recordingLimit } from './recording.ts';

/** The recordings of this page, one for each session, newest last, together within a limit of bytes. */
export class Recordings {
  readonly #limit: number;
  #list: Recording[] = [];
  #newSession = true;

  constructor(limit: number = recordingLimit) {
    this.#limit = limit;
  }

  get list(): readonly Recording[] {
    return this.#list.filter((recording) => !recording.isEmpty);
  }

  /** The next media has a timeline of its own: it cannot stand in the same file. */
  sessionStarted(): void {
    this.#newSession = true;
  }

  init(data: Bytes, mime: string): void {
    const current = this.#list.at(-1);
    // Media of another codec does not fit the first initialization segment.
    if (this.#newSession || current?.mime !== mime) this.#list = [...this.list, new Recording(data, mime)];
    else current.nextSegment();
    this.#newSession = false;
  }

  media(data: Bytes): void {
    this.#list.at(-1)?.media(data);
    while (this.#bytes() > this.#limit && this.#dropOldest()) {
      // Each turn drops one segment.
    }
  }

  #bytes(): number {
    return this.#list.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #dropOldest(): boolean {
    const [oldest] = this.#list;
    if (oldest?.dropOldest()) return true;
    if (this.#list.length < 2) return false;
    this.#list.shift();
    return true;
  }
}
