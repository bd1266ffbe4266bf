import { hangLimitMs } from '../support/hang-limit.ts';
import type { Frame } from './frame-documents.ts';

export type Received =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'binary'; readonly data: Buffer }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string };

export type Close = Extract<Received, { readonly kind: 'close' }>;

/** How much of what came an error shows. */
const transcriptLines = 40;

/** All that came over a connection, kept in order and read one after the other, before it comes or after. */
export class FrameCursor {
  readonly received: Received[] = [];
  readonly #check: () => void;
  #position = 0;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  /** `check` throws when something is wrong with what came; it is asked before each read. */
  constructor(check: () => void = () => undefined) {
    this.#check = check;
  }

  push(received: Received): void {
    this.received.push(received);
    this.#wake();
  }

  /** Every read from now on throws this. */
  fail(failure: Error): void {
    this.#failure = failure;
    this.#wake();
  }

  /** The next thing that came or comes. */
  async next(): Promise<Received> {
    for (;;) {
      this.#check();
      if (this.#failure) throw this.#failure;
      const received = this.received[this.#position];
      if (received !== undefined) {
        this.#position += 1;
        return received;
      }
      await this.#more();
    }
  }

  /** The next text frame; throws when anything else comes first. */
  async frame(): Promise<Frame> {
    const received = await this.next();
    if (received.kind === 'frame') return received.frame;
    throw new Error(`Expected a text frame, got ${describe(received)}.`);
  }

  /** The next text frames. */
  async take(count: number): Promise<Frame[]> {
    const frames: Frame[] = [];
    while (frames.length < count) frames.push(await this.frame());
    return frames;
  }

  /**
   * Goes on to the next frame of that type that `where` takes. Throws when the connection closes before, or at an
   * `error` frame that was not waited for.
   */
  async until(type: string, where: (frame: Frame) => boolean = () => true): Promise<Frame> {
    for (;;) {
      const received = await this.next();
      if (received.kind === 'binary') continue;
      if (received.kind === 'frame' && received.frame.type === type && where(received.frame)) {
        return received.frame;
      }
      if (received.kind === 'close' || received.frame.type === 'error') {
        throw new Error(`${describe(received)} came before ${type}.\n${this.transcript()}`);
      }
    }
  }

  /** Goes on to the next binary frame; throws at a close and at an `error` frame. */
  async untilBinary(): Promise<Buffer> {
    for (;;) {
      const received = await this.next();
      if (received.kind === 'binary') return received.data;
      if (received.kind === 'close' || received.frame.type === 'error') {
        throw new Error(`${describe(received)} came before a binary frame.\n${this.transcript()}`);
      }
    }
  }

  /** Goes on to the end of the connection. */
  async close(): Promise<Close> {
    for (;;) {
      const received = await this.next();
      if (received.kind === 'close') return received;
    }
  }

  /** Every frame of the type that has come so far, read or not. */
  frames(type: string): Frame[] {
    return this.received.flatMap((one) =>
      one.kind === 'frame' && one.frame.type === type ? [one.frame] : [],
    );
  }

  /** What came last, a line each. */
  transcript(): string {
    return this.received.slice(-transcriptLines).map(describe).join('\n');
  }

  async #more(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      const late = () =>
        reject(new Error(`Nothing came within ${hangLimitMs} ms. Before that:\n${this.transcript()}`));
      timer = setTimeout(late, hangLimitMs);
    }).finally(() => clearTimeout(timer));
  }
}

function describe(received: Received): string {
  if (received.kind === 'frame') return JSON.stringify(received.frame).slice(0, 300);
  if (received.kind === 'binary') return `(binary, ${received.data.length} bytes)`;
  return `close ${received.code} "${received.reason}"`;
}
