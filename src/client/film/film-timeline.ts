import { FastVideoError } from '../../core/base/errors.ts';
import { iterateBoxes } from '../../core/media/mp4/box.ts';
import { silence } from './silence.ts';
import { readTracks, type Track, trackDifference } from './track.ts';
import { type TrackFragment, trackFragments, writeSequenceNumber } from './track-fragment.ts';

/** Binary frames of sound alone that may come before the first picture. */
const mostHeld = 16;

interface TrackClock {
  readonly track: Track;
  /** Where the next sample of the track belongs, in ticks. */
  end: number;
  /** Added to the server's times, in ticks. */
  offset: number;
  /** Nothing of this time line is placed yet. */
  begins: boolean;
}

/**
 * One time line out of the media of any number of connections and sessions: each fragment is numbered anew and put where
 * the film stands.
 *
 * Within a session the server's time line is kept as it is. It cannot be kept over a cut: a new session begins at 0
 * again; a resumed one goes on behind what the server had *sent*, of which some may never have come, or, when a killed
 * server had not written its last position down, before what is already in the film. So after `begin` the first
 * fragment of the picture fixes how far that time line is moved: to the end of the longest track. Both tracks are moved
 * by the same time, or sound and picture would drift apart with each cut. Sound stands a little before or behind the
 * picture; a fragment that would begin before the end of its own track begins at that end. An encoder keeps the last
 * hundredths of a second of a session's sound: silence stands in for them, because a browser stops at a gap.
 */
export class FilmTimeline {
  #clocks: ReadonlyMap<number, TrackClock> | undefined;
  #tracks: readonly Track[] = [];
  #known = false;
  /** Sound that came before the first picture of its time line. */
  #held: Uint8Array[] = [];
  #sequenceNumber = 0;

  /** Up to the end of the longest track. */
  get seconds(): number {
    const clocks = [...(this.#clocks?.values() ?? [])];
    return Math.max(0, ...clocks.map(({ end, track }) => end / track.timescale));
  }

  /** The media that comes next is on a time line of its own. */
  begin(): void {
    this.#known = false;
    this.#held = [];
  }

  /**
   * Takes an initialization segment: `first` of all, or the `same` as the first. Where its media cannot follow, it is
   * told in words what differs, and the film stays as it is.
   */
  init(data: Uint8Array): 'first' | 'same' | { readonly difference: string } {
    const tracks = readTracks(data);
    if (this.#clocks) {
      const difference = trackDifference(this.#tracks, tracks);
      return difference === undefined ? 'same' : { difference };
    }
    this.#tracks = tracks;
    this.#clocks = new Map(tracks.map((track) => [track.id, { track, end: 0, offset: 0, begins: true }]));
    return 'first';
  }

  /**
   * Takes whole `moof` and `mdat` pairs and changes their times in place. Gives what belongs into the film now, in order:
   * nothing while the time line is not known, and all that was held once it is.
   */
  place(data: Uint8Array): readonly Uint8Array[] {
    if (!this.#known && !this.#find(data)) {
      this.#held.push(data);
      return [];
    }
    const parts = [...this.#held, data];
    this.#held = [];
    return parts.flatMap((part) => [...moofs(part).flatMap((moof) => this.#place(moof)), part]);
  }

  /** True when `data` says where its time line stands, or when it was waited for long enough. */
  #find(data: Uint8Array): boolean {
    const fragments = moofs(data).flatMap((moof) => this.#fragments(moof));
    const picture = fragments.find(({ trackId }) => this.#clock(trackId).track.handler === 'vide');
    const anchor = picture ?? (this.#held.length < mostHeld ? undefined : fragments[0]);
    if (!anchor) return false;
    this.#move(anchor.start / this.#clock(anchor.trackId).track.timescale);
    return true;
  }

  /** Gives what has to come before it. */
  #place(moof: Uint8Array): Uint8Array[] {
    const before = this.#fragments(moof).flatMap((fragment) => this.#fillGap(fragment));
    this.#number(moof);
    for (const fragment of this.#fragments(moof)) {
      const clock = this.#clock(fragment.trackId);
      const start = Math.max(fragment.start + clock.offset, clock.end);
      fragment.moveTo(start);
      clock.end = start + fragment.duration;
    }
    return before;
  }

  #fillGap({ trackId, start }: TrackFragment): Uint8Array[] {
    const clock = this.#clock(trackId);
    const { begins, end, track, offset } = clock;
    clock.begins = false;
    // Before the very first sound is nothing that it could be cut off from.
    if (!begins || end === 0 || track.handler !== 'soun') return [];
    const filling = silence(track, end, start + offset - end);
    if (!filling) return [];
    this.#number(filling.data);
    clock.end += filling.duration;
    return [filling.data];
  }

  #number(moof: Uint8Array): void {
    this.#sequenceNumber += 1;
    writeSequenceNumber(moof, this.#sequenceNumber);
  }

  #fragments(moof: Uint8Array): TrackFragment[] {
    return trackFragments(moof, (id) => this.#clock(id).track.sampleDuration);
  }

  /** `start`: where the new time line begins, in seconds. */
  #move(start: number): void {
    const clocks = [...(this.#clocks?.values() ?? [])];
    const filmEnd = this.seconds;
    for (const clock of clocks) {
      clock.offset = Math.round((filmEnd - start) * clock.track.timescale);
      clock.begins = true;
    }
    this.#known = true;
  }

  #clock(trackId: number): TrackClock {
    const clock = this.#clocks?.get(trackId);
    if (clock) return clock;
    throw new FastVideoError(
      'input_invalid',
      `The server sent media of track ${trackId}, which it had not described.`,
    );
  }
}

function moofs(data: Uint8Array): Uint8Array[] {
  return [...iterateBoxes(data)]
    .filter(({ type }) => type === 'moof')
    .map(({ start, end }) => data.subarray(start, end));
}
