import { runsOf, type Track, tracksOf } from '../contract/tracks.ts';

/** What came of one segment. */
export interface SegmentMedia {
  chunks: number;
  bytes: number;
  frames: number;
}

/**
 * Checks that a session's media is one line: each fragment of a track begins where the one before has ended, over
 * initialization segments, segments and replicas. Throws at the first gap or overlap.
 */
export class MediaCheck {
  #tracks: readonly Track[] = [];
  /** By track id, in its units. */
  readonly #ends = new Map<number, number>();
  #segment: SegmentMedia = { chunks: 0, bytes: 0, frames: 0 };
  #frames = 0;
  #isFiles = false;

  /** Frames of video in all. */
  get frames(): number {
    return this.#frames;
  }

  /** Whether it comes as JPEG files. */
  get isFiles(): boolean {
    return this.#isFiles;
  }

  /** JPEG files of a segment, from this frame of it. */
  files(start: number, count: number): void {
    const { frames } = this.#segment;
    if (start !== frames) throw new Error(`files from frame ${start} came after ${frames} frames`);
    this.#isFiles = true;
    this.#segment.frames += count;
    this.#frames += count;
  }

  init(data: Buffer): void {
    this.#tracks = tracksOf(data);
    const kinds = this.#tracks.map(({ kind }) => kind).join(' and ');
    if (kinds !== 'video and audio') throw new Error(`an initialization segment has ${kinds || 'no track'}`);
  }

  media(data: Buffer): void {
    if (this.#tracks.length === 0) throw new Error('media came before an initialization segment');
    for (const { trackId, start, duration, samples } of runsOf(data, this.#tracks)) {
      const end = this.#ends.get(trackId) ?? 0;
      const kind = this.#tracks.find(({ id }) => id === trackId)?.kind;
      if (start !== end) throw new Error(`${kind} goes on at ${start}, the fragment before ended at ${end}`);
      this.#ends.set(trackId, start + duration);
      if (kind !== 'video') continue;
      this.#segment.frames += samples;
      this.#frames += samples;
    }
    this.#segment.chunks += 1;
    this.#segment.bytes += data.length;
  }

  /** What came since the last time. */
  takeSegment(): SegmentMedia {
    const segment = this.#segment;
    this.#segment = { chunks: 0, bytes: 0, frames: 0 };
    return segment;
  }
}
