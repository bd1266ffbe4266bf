/**
 * Where a viewer is who watches the media as it comes: for sessions whose media is made no faster than it plays. A viewer
 * whom the media came too late for has waited for it.
 */
export class ViewerClock {
  readonly #leadMs: number;
  /** When the media's beginning was shown, in milliseconds of the process's monotonic clock; unset: nothing has come. */
  #begunAt: number | undefined;

  /** @param leadMs - how long before it is shown a picture may be made */
  constructor(leadMs: number) {
    this.#leadMs = leadMs;
  }

  /** How much sooner than now the picture at this place might have been made; negative: it may be made later. */
  aheadMs(mediaMs: number): number {
    if (this.#begunAt === undefined) return this.#leadMs;
    const now = performance.now();
    const bufferedMs = mediaMs - (now - this.#begunAt);
    if (bufferedMs < 0) this.#begunAt = now - mediaMs;
    return this.#leadMs - Math.max(0, bufferedMs);
  }

  /** The media of that place leaves now. */
  mediaLeaves(mediaMs: number): void {
    const now = performance.now();
    if (this.#begunAt === undefined || now - this.#begunAt > mediaMs) this.#begunAt = now - mediaMs;
  }
}
