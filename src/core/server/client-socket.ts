import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { Wakeup } from '../base/async/wakeup.ts';
import { errorMessage, systemErrorCode } from '../base/errors.ts';
import { KeepAlive } from '../base/keep-alive.ts';
import type { Logger } from '../base/log.ts';
import { MessagePace, type MessageRate } from '../base/message-pace.ts';
import { type OpeningLate, type OpeningLimits, OpeningWait } from '../base/opening/opening-wait.ts';
import { ReadGate } from '../base/read-gate.ts';
import type { ConnectionTap } from './connection-tap.ts';

export interface ClientSocketOptions {
  /** Bytes that may lie unsent before binary frames wait: the generator then waits too. */
  readonly bufferBytes: number;
  /** Seconds between pings; a peer that neither answers nor takes bytes for three of them is cut off. */
  readonly pingIntervalMs: number;
  readonly logger: Logger;
  readonly onBytes?: (bytes: number) => void;
  readonly onLimit?: (limit: 'max_message_bytes' | 'client_buffer_bytes') => void;
  readonly rate: MessageRate;
  /** Called each time that the client sends too many messages and is no longer read. */
  readonly onSlowed?: () => void;
  /** Each is given what the one before it has made of a message. */
  readonly taps?: readonly ConnectionTap[];
}

/** Text frames may pile up beside the media, e.g. errors to a peer that does not read; this much at most. */
const textReserveBytes = 2 ** 20;
/** What a text frame counts at most that comes with the media and is not bounded by it. */
const asideBytes = 2 ** 16;
/** How long a connection may take to close after its last frame before it is cut off. */
export const closeGraceMs = 5000;

/** One client's WebSocket: frames out with backpressure, messages in, and a signal for its end. */
export class ClientSocket {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #options: ClientSocketOptions;
  readonly #gone = new AbortController();
  readonly #gate: ReadGate;
  readonly #keepAlive: KeepAlive;
  readonly #sent = new Wakeup();
  #unsentBytes = 0;
  #closing = false;

  /** `stream`: what the WebSocket was upgraded from. */
  constructor(socket: WebSocket, stream: Duplex, options: ClientSocketOptions) {
    this.#socket = socket;
    this.#stream = stream;
    this.#options = options;
    this.#gate = new ReadGate(socket);
    socket.on('error', (error) => {
      if (systemErrorCode(error) === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
        options.onLimit?.('max_message_bytes');
      options.logger.debug({ error: errorMessage(error) }, 'client socket failed');
    });
    for (const tap of this.#taps) {
      socket.on('message', (data, isBinary) => tap.incoming?.(data, isBinary));
      socket.on('close', (code, reason) => tap.closed?.(code, reason.toString()));
    }
    socket.on('close', () => {
      this.#gone.abort(new Error('The client disconnected.'));
    });
    // Its answer to a ping comes behind the message that it is sending, which may take longer than some pings.
    stream.on('data', () => this.#keepAlive.alive());
    this.#keepAlive = new KeepAlive(socket, options.pingIntervalMs, () =>
      options.logger.info({}, 'client does not answer pings; disconnected'),
    );
  }

  /** Aborts when the connection is closed, by whichever side. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Messages come no faster than a client may send them. Nothing more is passed on once the connection is closed from here. To be called once. */
  onMessage(listener: (data: RawData, isBinary: boolean) => void): void {
    const { rate, onSlowed } = this.#options;
    const pace = new MessagePace<{ readonly data: RawData; readonly isBinary: boolean }>({
      rate,
      gate: this.#gate,
      deliver: ({ data, isBinary }) => {
        if (!this.#closing) listener(data, isBinary);
      },
      onSlowed: () => onSlowed?.(),
    });
    const unlessClosing = (count: () => void) => !this.#closing && count();
    this.#socket.on('message', (data, isBinary) =>
      unlessClosing(() => pace.push({ data, isBinary }, sizeOf(data))),
    );
    this.#socket.on('ping', () => unlessClosing(() => pace.control()));
    this.#socket.on('pong', () => unlessClosing(() => pace.control()));
    this.gone.addEventListener('abort', () => pace[Symbol.dispose](), { once: true });
  }

  /** Waits for the client's first message until the wait is disposed of, or the client has gone. */
  awaitOpening(limits: OpeningLimits, onLate: (late: OpeningLate) => void): Disposable {
    const wait = new OpeningWait({ webSocket: this.#socket, stream: this.#stream }, limits, onLate);
    this.gone.addEventListener('abort', () => wait[Symbol.dispose](), { once: true });
    return wait;
  }

  /** Reads nothing more from the client: what it sends stays with it, its answers to pings too. */
  pause(): void {
    this.#gate.hold(this);
  }

  resume(): void {
    this.#keepAlive.alive();
    this.#gate.release(this);
  }

  /** Sends one text frame. Fields that are undefined are left out. */
  sendFrame(frame: object): void {
    if (this.#reads()) this.#send(JSON.stringify(frame));
  }

  /**
   * Sends one text frame that may be large and comes at most once a segment: it holds nothing back, and who has not
   * read it yet is not cut off at the next frame. Many of them in a row are.
   */
  sendAside(frame: object): void {
    if (this.#reads()) this.#send(JSON.stringify(frame), asideBytes);
  }

  /** Sends one text frame that carries media; resolves when there is room for the next, or the client has gone. */
  async sendLargeFrame(frame: object): Promise<void> {
    await this.sendText(JSON.stringify(frame));
  }

  /** Sends a text message as it is; resolves when there is room for the next, or the client has gone. */
  async sendText(text: string): Promise<void> {
    this.#send(text);
    this.#options.onBytes?.(text.length);
    await this.#room();
  }

  /** Sends one binary frame; resolves when there is room for the next, or the client has gone. */
  async sendBinary(data: Uint8Array): Promise<void> {
    this.#send(data);
    this.#options.onBytes?.(data.length);
    await this.#room();
  }

  async #room(): Promise<void> {
    while (this.#unsentBytes > this.#options.bufferBytes && !this.gone.aborted) {
      await this.#sent.wait(this.gone);
    }
  }

  /** Without a code the close frame has none. A peer that does not answer it is cut off. Closing twice is fine. */
  close(code?: number, reason?: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#socket.close(code, reason);
    // The answer may lie behind messages that were left with the peer.
    this.#gate.open();
    void this.closed();
  }

  /** Whether the connection is closed, or is being closed from here. */
  get isOver(): boolean {
    return this.#closing || this.gone.aborted;
  }

  throwIfOver(): void {
    if (this.isOver) throw new Error('The connection is closed.');
  }

  /** Resolves when the connection is closed; cuts it off after `graceMs`. */
  async closed(graceMs = closeGraceMs): Promise<void> {
    if (this.gone.aborted) return;
    const timer = setTimeout(() => this.#socket.terminate(), graceMs);
    await once(this.gone, 'abort');
    clearTimeout(timer);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** False when so much lies unsent that the peer is cut off. */
  #reads(): boolean {
    if (this.#unsentBytes <= this.#options.bufferBytes + textReserveBytes) return true;
    if (this.#closing) return false;
    this.#closing = true;
    this.#options.onLimit?.('client_buffer_bytes');
    this.#options.logger.warn({ unsent_bytes: this.#unsentBytes }, 'client does not read; disconnected');
    this.#socket.terminate();
    return false;
  }

  get #taps(): readonly ConnectionTap[] {
    return this.#options.taps ?? [];
  }

  #send(message: string | Uint8Array, mostCounted = Number.POSITIVE_INFINITY): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    let data: string | Uint8Array | undefined = message;
    for (const tap of this.#taps) {
      if (tap.outgoing && data !== undefined) data = tap.outgoing(data);
    }
    if (data === undefined) return;
    const bytes = Math.min(typeof data === 'string' ? Buffer.byteLength(data) : data.length, mostCounted);
    this.#unsentBytes += bytes;
    this.#socket.send(data, () => {
      this.#unsentBytes -= bytes;
      this.#keepAlive.alive();
      this.#sent.wake();
    });
  }
}

function sizeOf(data: RawData): number {
  return Array.isArray(data) ? data.reduce((sum, { length }) => sum + length, 0) : data.byteLength;
}
