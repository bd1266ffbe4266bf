import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ReadGate } from '../../base/read-gate.ts';
import { type Message, payloadOf } from '../wire/message.ts';

interface BufferedSenderOptions {
  /** Bytes that may lie unsent before the side that they come from is no longer read. */
  readonly limitBytes: number;
  /** Called when bytes have gone to the peer. */
  readonly onSent: (bytes: number) => void;
  /**
   * What the socket sends over, when frames may be sent over it as they came: `ws` masks nothing and compresses
   * nothing there, and writes each message at once, so that what is written between is in its place.
   */
  readonly stream?: Duplex;
}

/**
 * What is sent to a socket. Who feeds it is held while too much is unsent, and read on at half of that: more than one,
 * when a session is moved while its client does not read.
 */
export class BufferedSender {
  readonly #socket: WebSocket;
  readonly #options: BufferedSenderOptions;
  #unsentBytes = 0;
  readonly #held = new Set<ReadGate>();

  constructor(socket: WebSocket, options: BufferedSenderOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('close', () => this.#release());
  }

  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  /** Gives whether the message is with the system already, and needed no more. */
  send(message: Message, from: ReadGate): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return true;
    const { limitBytes, onSent } = this.#options;
    const bytes = payloadOf(message).length;
    this.#unsentBytes += bytes;
    if (this.#unsentBytes > limitBytes && !this.#held.has(from)) {
      this.#held.add(from);
      from.hold(this);
    }
    this.#write(message, (error) => {
      this.#unsentBytes -= bytes;
      // A socket that fails closes; the close event tells.
      if (!error) onSent(bytes);
      if (this.#unsentBytes <= limitBytes / 2) this.#release();
    });
    return this.#options.stream?.writableLength === 0;
  }

  #write(message: Message, sent: (error?: Error | null) => void): void {
    const { stream } = this.#options;
    if (!stream || !message.frame) {
      this.#socket.send(message.data, { binary: message.isBinary }, sent);
      return;
    }
    const { pieces } = message.frame;
    stream.cork();
    for (const [index, piece] of pieces.entries()) {
      if (index < pieces.length - 1) stream.write(piece);
      else stream.write(piece, sent);
    }
    stream.uncork();
  }

  #release(): void {
    for (const gate of this.#held) gate.release(this);
    this.#held.clear();
  }
}
