/** Most seconds that are buffered before it is played on. */
const longestHold = 10;
/** Seconds of a segment that is to come, where nobody says. */
const guessedRest = 2;
/** Below this many seconds of media for each second the pictures come slower than they are played. */
const realTime = 0.98;

/** How fast the media of the running segment arrives. Times in milliseconds, media in seconds. */
export class ArrivalPace {
  #first: { readonly at: number; readonly end: number } | undefined;
  #latest: { readonly at: number; readonly end: number } | undefined;
  #segmentEnd: number | undefined;
  #incoming = false;

  /** Whether more of a segment is to come. */
  get isIncoming(): boolean {
    return this.#incoming;
  }

  /** A segment begins behind `end`; `seconds` is its length, where that is known. */
  segmentBegins(end: number, seconds: number | undefined): void {
    this.#first = undefined;
    this.#latest = undefined;
    this.#segmentEnd = seconds === undefined ? undefined : end + seconds;
    this.#incoming = true;
  }

  /** Media up to `end` is there. */
  arrived(end: number, at: number): void {
    this.#latest = { at, end };
    this.#first ??= this.#latest;
  }

  segmentEnds(): void {
    this.#incoming = false;
  }

  /** Seconds of media that come in a second; undefined before the second message. */
  get rate(): number | undefined {
    if (!this.#first || !this.#latest || this.#latest.at <= this.#first.at) return undefined;
    return ((this.#latest.end - this.#first.end) / (this.#latest.at - this.#first.at)) * 1000;
  }

  get isSlow(): boolean {
    return this.#incoming && (this.rate ?? 1) < realTime;
  }

  /** Seconds to have buffered before it is played, so that the rest of the segment comes in time. */
  get wanted(): number {
    if (!this.#incoming) return 0;
    const { rate } = this;
    if (rate === undefined) return longestHold;
    if (rate >= realTime) return 0;
    const end = this.#latest?.end ?? 0;
    const rest = this.#segmentEnd === undefined ? guessedRest : Math.max(0, this.#segmentEnd - end);
    return Math.min(longestHold, rest * (1 / Math.max(rate, 0.01) - 1));
  }
}
