const boxHeadBytes = 8;

/** Finds the first byte of picture or sound in a stream of fragmented MP4, however it is cut into messages. */
export class FirstMedia {
  #head = Buffer.alloc(0);
  /** Of the box that is under way. */
  #left = 0;
  #isThere = false;

  get isThere(): boolean {
    return this.#isThere;
  }

  /** Whether all boxes so far are whole. */
  get isWhole(): boolean {
    return this.#left === 0 && this.#head.length === 0;
  }

  push(data: Buffer): void {
    for (let at = 0; at < data.length; ) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, data.length - at);
        this.#left -= taken;
        at += taken;
        continue;
      }
      const taken = Math.min(boxHeadBytes - this.#head.length, data.length - at);
      this.#head = Buffer.concat([this.#head, data.subarray(at, at + taken)]);
      at += taken;
      if (this.#head.length < boxHeadBytes) return;
      this.#left = this.#head.readUInt32BE(0) - boxHeadBytes;
      if (this.#left < 0) throw new Error(`The media has a box of ${this.#left + boxHeadBytes} bytes.`);
      if (this.#head.toString('latin1', 4) === 'mdat') this.#isThere = true;
      this.#head = Buffer.alloc(0);
    }
  }
}
