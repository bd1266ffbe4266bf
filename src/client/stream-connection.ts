import type { ClientFrame, ServerFrame, SessionInitV2ClientFrame } from './frames.ts';
import { parseServerFrame } from './parse-frame.ts';
import { type Bytes, listenTo, type WebSocketLike } from './web-socket.ts';

export interface StreamClose {
  readonly code: number;
  readonly reason: string;
  /** False when there never was a connection. */
  readonly wasOpen: boolean;
  /** The fault of the network, where the runtime tells it; browsers do not. */
  readonly fault?: string;
}

export interface StreamEvents {
  frame(frame: ServerFrame): void;
  /** The initialization segment that a `media_init` announced. */
  init(data: Bytes, mime: string): void;
  /** One or more whole `moof` + `mdat` pairs. */
  media(data: Bytes): void;
  /** A message that the protocol does not know; it is passed over. */
  unreadable(problem: string): void;
  closed(close: StreamClose): void;
}

/** One connection to `/v1/stream`: opens the session, turns messages into typed events, in order. */
export class StreamConnection {
  readonly #events: StreamEvents;
  readonly #socket: WebSocketLike;
  #open = false;
  #detached = false;
  /** Mime of a `media_init` whose initialization segment has not come yet. */
  #awaitedInit: string | undefined;
  #inMedia = false;

  constructor(socket: WebSocketLike, init: SessionInitV2ClientFrame, events: StreamEvents) {
    this.#events = events;
    this.#socket = socket;
    listenTo(socket, {
      opened: () => {
        this.#open = true;
        this.send(init);
      },
      text: (text) => this.#whenAttached(() => this.#takeText(text)),
      binary: (data) => this.#whenAttached(() => this.#takeBinary(data)),
      closed: (close) => {
        const wasOpen = this.#open;
        this.#open = false;
        this.#whenAttached(() => events.closed({ ...close, wasOpen }));
      },
    });
  }

  /** False when there is no connection to send on. */
  send(frame: ClientFrame): boolean {
    if (!this.#open) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Closes the connection; no event comes after this. */
  close(): void {
    this.#detached = true;
    this.#socket.close(1000);
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

  #takeBinary(data: Bytes): void {
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
