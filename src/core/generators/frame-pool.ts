/** How many free frames are kept: what is generated, converted and written at one time. */
const mostFree = 3;

/**
 * Memory for frames of one size, used again once a consumer has released it. A new frame each time costs more than
 * its drawing: the system clears the memory, and V8 walks its whole heap for each 64 MB of it.
 */
export class FramePool {
  readonly frameBytes: number;
  readonly #free: Buffer[] = [];

  constructor(frameBytes: number) {
    this.frameBytes = frameBytes;
  }

  /** A frame with anything in it, and what gives it back, once. A frame that is not given back is collected as ever. */
  take(): { readonly data: Buffer; readonly release: () => void } {
    const data = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.frameBytes);
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      if (this.#free.length < mostFree) this.#free.push(data);
    };
    return { data, release };
  }
}
