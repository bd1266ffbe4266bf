import { FastVideoError } from '../../base/errors.ts';
import { iterateBoxes } from '../../media/mp4/box.ts';
import { readTracks, type Track, trackDifference } from './track.ts';
import { type TrackFragment, trackFragments, writeSequenceNumber } from './track-fragment.ts';

/** Where the bytes of a film go. Resolves when they are handed over: whoever writes waits for it. */
export type WriteFilm = (bytes: Uint8Array) => Promise<void>;

/** Binary frames of sound alone that may come before the first picture. */
const mostHeld = 16;

interface TrackClock {
  readonly track: Track;
  /** Where the next sample of the track belongs, in ticks. */
  end: number;
  /** Added to the server's times, in ticks. */
  offset: number;
}

/**
 * One fragmented MP4 out of the media of any number of connections and sessions: the first initialization segment, then
 * every media segment, each fragment numbered anew and put where the film stands.
 *
 * Within a session the server's time line is kept as it is. It cannot be kept over a cut: a new session begins at 0
 * again; a resumed one goes on behind what the server had *sent*, of which some may never have come, or, when a killed
 * server had not written its last position down, before what is already in the film. So after `beginTimeline` the first
 * fragment of the picture fixes how far that time line is moved: to the end of the longest track. Both tracks are moved
 * by the same time, or sound and picture would drift apart with each cut. Sound stands a little before or behind the
 * picture; a fragment that would begin before the end of its own track begins at that end.
 */
export class Film {
  readonly #write: WriteFilm;
  #clocks: ReadonlyMap<number, TrackClock> | undefined;
  #tracks: readonly Track[] = [];
  #timelineKnown = false;
  /** Sound that came before the first picture of its time line. */
  #held: Uint8Array[] = [];
  #sequenceNumber = 0;
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
    const clocks = [...(this.#clocks?.values() ?? [])];
    return Math.max(0, ...clocks.map(({ end, track }) => end / track.timescale));
  }

  /** The media that comes next is on a time line of its own. */
  beginTimeline(): void {
    this.#timelineKnown = false;
    this.#held = [];
  }

  /** Keeps the first one for the first media. Throws `input_invalid` when a later one describes media that cannot follow. */
  init(data: Uint8Array): void {
    const tracks = readTracks(data);
    if (this.#clocks) {
      const difference = trackDifference(this.#tracks, tracks);
      if (difference === undefined) return;
      const message = `The server changed the stream in the middle (${difference}); one MP4 cannot hold both.`;
      throw new FastVideoError('input_invalid', message);
    }
    this.#tracks = tracks;
    this.#clocks = new Map(tracks.map((track) => [track.id, { track, end: 0, offset: 0 }]));
    this.#init = data;
  }

  /** Writes whole `moof` and `mdat` pairs; their times are changed in place. */
  async media(data: Uint8Array): Promise<void> {
    if (!this.#timelineKnown && !this.#findTimeline(data)) {
      this.#held.push(data);
      return;
    }
    const parts = [...this.#held, data];
    this.#held = [];
    for (const part of parts) {
      for (const moof of moofs(part)) this.#place(moof);
      await this.#put(part);
    }
  }

  /** True when `data` says where its time line stands, or when it was waited for long enough. */
  #findTimeline(data: Uint8Array): boolean {
    const fragments = moofs(data).flatMap((moof) => this.#fragments(moof));
    const picture = fragments.find(({ trackId }) => this.#clock(trackId).track.handler === 'vide');
    const anchor = picture ?? (this.#held.length < mostHeld ? undefined : fragments[0]);
    if (!anchor) return false;
    this.#moveTimeline(anchor.start / this.#clock(anchor.trackId).track.timescale);
    return true;
  }

  #place(moof: Uint8Array): void {
    this.#sequenceNumber += 1;
    writeSequenceNumber(moof, this.#sequenceNumber);
    for (const fragment of this.#fragments(moof)) {
      const clock = this.#clock(fragment.trackId);
      const start = Math.max(fragment.start + clock.offset, clock.end);
      fragment.moveTo(start);
      clock.end = start + fragment.duration;
    }
  }

  #fragments(moof: Uint8Array): TrackFragment[] {
    return trackFragments(moof, (id) => this.#clock(id).track.sampleDuration);
  }

  /** `start`: where the new time line begins, in seconds. */
  #moveTimeline(start: number): void {
    const clocks = [...(this.#clocks?.values() ?? [])];
    const filmEnd = this.seconds;
    for (const clock of clocks) clock.offset = Math.round((filmEnd - start) * clock.track.timescale);
    this.#timelineKnown = true;
  }

  #clock(trackId: number): TrackClock {
    const clock = this.#clocks?.get(trackId);
    if (clock) return clock;
    throw new FastVideoError(
      'input_invalid',
      `The server sent media of track ${trackId}, which it had not described.`,
    );
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

function moofs(data: Uint8Array): Uint8Array[] {
  return [...iterateBoxes(data)]
    .filter(({ type }) => type === 'moof')
    .map(({ start, end }) => data.subarray(start, end));
}
