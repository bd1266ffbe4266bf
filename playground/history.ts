import { rangesOf } from '../src/client/player/time-ranges.ts';

/** Seconds of a segment that may be gone from the buffer: it begins with a key frame. */
const tolerance = 0.1;
/** Seconds after which a segment no longer looks like the one before. */
const turned = 1;

/** Where the segments of the film begin, so that they can be shown and played again. */
export class History {
  readonly #video: HTMLVideoElement;
  readonly #starts = new Map<number, number>();
  readonly #pictured = new Set<number>();

  /** `onPicture`: what is on the screen is a picture of the segment with this key; the last such call has the best one. */
  constructor(video: HTMLVideoElement, onPicture: (key: number) => void) {
    this.#video = video;
    video.addEventListener('timeupdate', () => {
      const key = this.#shown();
      if (key === undefined || this.#pictured.has(key)) return;
      if (video.currentTime - (this.#starts.get(key) ?? 0) >= turned) this.#pictured.add(key);
      onPicture(key);
    });
  }

  /** Another film begins: what was is not in the buffer any more. */
  clear(): void {
    this.#starts.clear();
  }

  /** `seconds`: of the film. */
  begins(key: number, seconds: number): void {
    this.#starts.set(key, seconds);
    // What has left the buffer does not come back.
    const first = rangesOf(this.#video.buffered)[0]?.start ?? 0;
    for (const [old, start] of this.#starts) {
      if (start >= first - tolerance) continue;
      this.#starts.delete(old);
      this.#pictured.delete(old);
    }
  }

  /** Seconds of the film at which the segment can be played; undefined when it is not in the buffer. */
  startOf(key: number): number | undefined {
    const start = this.#starts.get(key);
    if (start === undefined) return undefined;
    const range = rangesOf(this.#video.buffered).find(({ end }) => start < end);
    return range && range.start <= start + tolerance ? Math.max(start, range.start) : undefined;
  }

  #shown(): number | undefined {
    const { currentTime } = this.#video;
    let shown: number | undefined;
    for (const [key, start] of this.#starts) if (start < currentTime) shown = key;
    return shown;
  }
}
