import { Writable } from 'node:stream';

/**
 * What Ink takes for its stdout: each write is one whole frame, which goes to `onFrame`. It does not pose as a
 * terminal, so Ink moves no cursor; the real terminal is the business of the screen.
 */
export class FrameStream extends Writable {
  readonly isTTY = false;
  columns: number;
  rows: number;
  readonly #onFrame: (frame: string) => void;

  constructor(size: { readonly columns: number; readonly rows: number }, onFrame: (frame: string) => void) {
    super({ decodeStrings: false });
    this.columns = size.columns;
    this.rows = size.rows;
    this.#onFrame = onFrame;
  }

  override _write(chunk: string, _encoding: BufferEncoding, callback: () => void): void {
    if (chunk !== '') this.#onFrame(chunk);
    callback();
  }
}
