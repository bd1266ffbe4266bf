import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

export interface ByteSource {
  readonly webSocket: Pick<WebSocket, 'on' | 'off'>;
  /** What the WebSocket was upgraded from. */
  readonly stream: Pick<Duplex, 'on' | 'off'>;
}

/**
 * What a router sends as the payload of a ping while it receives a message for this connection: it passes on whole
 * messages only, so that their bytes cannot be seen here.
 */
export const receivingPing = 'fastvideo:receiving';

/** Bytes of a client's control frame beside its payload, which is never longer than 125. */
const controlHeadBytes = 6;

/** Tells of each part of a message that comes in, long before `ws` has the whole. Pings and pongs are no part of one. */
export class MessageBytes implements Disposable {
  readonly #source: ByteSource;
  readonly #onProgress: () => void;
  #bytes = 0;
  #controlBytes = 0;
  #most = 0;
  #over = false;

  constructor(source: ByteSource, onProgress: () => void) {
    this.#source = source;
    this.#onProgress = onProgress;
    source.stream.on('data', this.#onData);
    source.webSocket.on('ping', this.#onPing);
    source.webSocket.on('pong', this.#onPong);
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#source.stream.off('data', this.#onData);
    this.#source.webSocket.off('ping', this.#onPing);
    this.#source.webSocket.off('pong', this.#onPong);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#bytes += chunk.length;
    // `ws` reads the same bytes and may yet say that they were a control frame.
    setImmediate(this.#look);
  };

  readonly #onPing = (payload: Buffer): void => {
    this.#onPong(payload);
    if (payload.toString() === receivingPing) this.#onProgress();
  };

  readonly #onPong = (payload: Buffer): void => {
    this.#controlBytes += controlHeadBytes + payload.length;
  };

  readonly #look = (): void => {
    const bytes = this.#bytes - this.#controlBytes;
    if (this.#over || bytes <= this.#most) return;
    this.#most = bytes;
    this.#onProgress();
  };
}
