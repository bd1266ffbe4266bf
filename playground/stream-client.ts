import type { ClientFrameInput } from '../src/core/protocol/native/client-frames.ts';
import { parseServerFrame } from '../src/core/protocol/native/parse.ts';
import type { ServerFrame } from '../src/core/protocol/native/server-frames.ts';

export type SessionInit = Extract<ClientFrameInput, { type: 'session_init_v2' }>;

/** What the client needs of a WebSocket. */
export interface StreamSocket {
  send(text: string): void;
  close(): void;
}

export interface SocketEvents {
  opened(): void;
  text(data: string): void;
  binary(data: ArrayBuffer): void;
  closed(code: number, reason: string): void;
}

export type OpenSocket = (url: string, events: SocketEvents) => StreamSocket;

export interface StreamClose {
  readonly code: number;
  readonly reason: string;
  /** False when there never was a connection. */
  readonly wasOpen: boolean;
}

export interface StreamEvents {
  frame(frame: ServerFrame): void;
  /** The initialization segment that a `media_init` announced. */
  init(data: ArrayBuffer, mime: string): void;
  /** One or more whole `moof` + `mdat` pairs. */
  media(data: ArrayBuffer): void;
  /** A message that the protocol does not know; it is passed over. */
  unreadable(problem: string): void;
  closed(close: StreamClose): void;
}

/** One connection to `/v1/stream`: opens the session, turns messages into typed events, in order. */
export class StreamClient {
  readonly #events: StreamEvents;
  readonly #socket: StreamSocket;
  #open = false;
  #detached = false;
  /** Mime of a `media_init` whose initialization segment has not come yet. */
  #awaitedInit: string | undefined;
  #inMedia = false;

  constructor(url: string, init: SessionInit, openSocket: OpenSocket, events: StreamEvents) {
    this.#events = events;
    this.#socket = openSocket(url, {
      opened: () => {
        this.#open = true;
        this.send(init);
      },
      text: (text) => this.#whenAttached(() => this.#takeText(text)),
      binary: (data) => this.#whenAttached(() => this.#takeBinary(data)),
      closed: (code, reason) => {
        const wasOpen = this.#open;
        this.#open = false;
        this.#whenAttached(() => events.closed({ code, reason, wasOpen }));
      },
    });
  }

  /** False when there is no connection to send on. */
  send(frame: ClientFrameInput): boolean {
    if (!this.#open) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Closes the connection; no event comes after this. */
  close(): void {
    this.#detached = true;
    this.#socket.close();
  }

  #whenAttached(deliver: () => void): void {
    if (!this.#detached) deliver();
  }

  #takeText(text: string): void {
    const parsed = parseServerFrame(text);
    if (!parsed.ok) {
      this.#events.unreadable(parsed.problem);
      return;
    }
    const { frame } = parsed;
    if (frame.type === 'media_init') {
      this.#awaitedInit = frame.mime;
      this.#inMedia = false;
    } else if (frame.type === 'media_segment_complete') {
      this.#awaitedInit = undefined;
      this.#inMedia = false;
    }
    this.#events.frame(frame);
  }

  #takeBinary(data: ArrayBuffer): void {
    if (this.#awaitedInit !== undefined) {
      const mime = this.#awaitedInit;
      this.#awaitedInit = undefined;
      this.#inMedia = true;
      this.#events.init(data, mime);
    } else if (this.#inMedia) {
      this.#events.media(data);
    } else {
      this.#events.unreadable(`${data.byteLength} bytes of media without a media_init`);
    }
  }
}
