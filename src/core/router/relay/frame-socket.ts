import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { TurnShare } from '../../base/turn-share.ts';
import { type Close, readClose } from '../wire/close-code.ts';
import type { Message } from '../wire/message.ts';
import { FrameSplitter } from './frame-splitter.ts';
import { ReadBuffer } from './read-buffer.ts';

export interface FrameSocketOptions {
  /** A longer message is left to `ws`, which closes for it. */
  readonly maxMessageBytes: number;
  /** Gives whether the bytes of the message are needed no more: others are read into their place then. */
  readonly onMessage: (message: Message) => boolean;
  /** The server has said that it closes; `ws` answers it and ends the connection. */
  readonly onCloseFrame: (close: Close) => void;
}

/** First byte of a close frame. */
const closeFrame = 0x88;
const controlHeaderBytes = 2;
const upgraded = 'HTTP/1.1 101';
const headEnd = '\r\n\r\n';
const maxHeadBytes = 64 * 1024;

/**
 * The TCP connection below a `ws` client. `ws` does the handshake, control frames, the close and all that is sent; what
 * the server says is taken out on its way there, frame by frame, because `ws` copies each message into one piece, and
 * the garbage of that is most of what a relay costs. A server that continues, masks or compresses its frames is left
 * to `ws`.
 */
export class FrameSocket extends Socket {
  readonly #splitter: FrameSplitter;
  /** The answer to the upgrade as far as it has come; undefined when it is over. */
  #head: Buffer | undefined = Buffer.alloc(0);
  /** What came behind it; undefined when the messages are wanted. */
  #early: Buffer[] | undefined = [];
  #isPlain = true;
  readonly #share = new TurnShare();
  /** What was read and not looked at: its turn of the event loop was over, or it is paused. Nothing is read meanwhile. */
  #waiting: Buffer[] = [];
  #isTurnAsked = false;
  /** Whether it is not paused, but for what waits. */
  #isWanted = true;

  constructor({ maxMessageBytes, onMessage, onCloseFrame }: FrameSocketOptions) {
    const buffer = new ReadBuffer();
    const onread: OnReadOpts = {
      buffer: () => buffer.bytes,
      callback: (count) => {
        buffer.read(count, (chunk) => this.#take(chunk));
        // Whatever `ws` is handed has the stream read on, also while it is paused.
        return !this.isPaused() && this.#waiting.length === 0;
      },
    };
    const options: SocketConstructorOpts & { onread: OnReadOpts } = { onread };
    super(options);
    this.#splitter = new FrameSplitter(maxMessageBytes, {
      message: onMessage,
      control: (frame) => {
        this.#hand(frame);
        if (frame[0] !== closeFrame) return true;
        const close = readClose(frame.subarray(controlHeaderBytes));
        if (close) onCloseFrame(close);
        return false;
      },
      rest: (bytes) => {
        this.#isPlain = false;
        this.#hand(bytes);
      },
      goesOn: () => this.#isWanted && this.#share.hasTime,
    });
  }

  override pause(): this {
    this.#isWanted = false;
    return super.pause();
  }

  override resume(): this {
    this.#isWanted = true;
    if (this.#waiting.length === 0) return super.resume();
    this.#goOnLater();
    return this;
  }

  /** The connection is open: messages are given from now on, those that have come already at once. */
  begin(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const chunk of early) this.#take(chunk);
  }

  /** Gives whether the bytes are needed no more. */
  #take(chunk: Buffer): boolean {
    if (!this.#isPlain) this.#hand(chunk);
    else if (this.#head) this.#takeHead(this.#head, chunk);
    else if (this.#early) this.#early.push(Buffer.from(chunk));
    else return this.#split(chunk);
    return true;
  }

  #split(chunk: Buffer): boolean {
    if (this.#waiting.length === 0 && this.#isWanted && this.#share.hasTime) {
      const isFree = this.#share.spend(() => this.#splitter.push(chunk));
      const { left } = this.#splitter;
      if (left) this.#wait(left);
      return isFree;
    }
    this.#wait(chunk);
    return false;
  }

  #wait(chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#goOnLater();
  }

  #goOnLater(): void {
    if (this.#isTurnAsked || !this.#isWanted) return;
    this.#isTurnAsked = true;
    this.#share.later(() => {
      this.#isTurnAsked = false;
      if (this.#isWanted) this.#goOn();
    });
  }

  #goOn(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (this.destroyed) return;
    for (const chunk of waiting) this.#take(chunk);
    if (this.#waiting.length === 0 && this.#isWanted) super.resume();
  }

  #takeHead(before: Buffer, chunk: Buffer): void {
    const head = Buffer.concat([before, chunk]);
    const end = head.indexOf(headEnd);
    const isUpgrade = head.toString('latin1', 0, upgraded.length) === upgraded.slice(0, head.length);
    this.#isPlain = isUpgrade && (end >= 0 || head.length < maxHeadBytes);
    this.#head = this.#isPlain && end < 0 ? head : undefined;
    const headBytes = this.#isPlain && end >= 0 ? end + headEnd.length - before.length : chunk.length;
    if (headBytes < chunk.length) this.#early?.push(Buffer.from(chunk.subarray(headBytes)));
    this.#hand(chunk.subarray(0, headBytes));
  }

  /** Lets `ws` read it. */
  #hand(bytes: Buffer): void {
    this.push(Buffer.from(bytes));
  }
}
