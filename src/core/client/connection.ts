import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { textOf } from '../base/ws-data.ts';
import type { ClientFrameInput } from '../protocol/native/client-frames.ts';

/** How a connection ended. */
export interface ConnectionEnd {
  readonly code: number;
  readonly reason: string;
  /** False when there never was a WebSocket. */
  readonly wasOpen: boolean;
  /** What the server answered in place of a WebSocket. */
  readonly refusal?: { readonly status: number; readonly message: string };
  /** The fault of the network, e.g. `connect ECONNREFUSED 127.0.0.1:8000`. */
  readonly fault?: string;
}

export type ConnectionEvent =
  | { readonly type: 'opened' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'binary'; readonly data: Buffer }
  | { readonly type: 'closed'; readonly end: ConnectionEnd };

export interface ConnectionTarget {
  readonly url: URL;
  readonly apiKey: string | undefined;
}

/** Bytes that may wait here for a slow reader; then the socket is read no further, and the server holds its generator. */
const bufferBytes = 16 * 1024 * 1024;
/** Largest message of a server: a state of tens of megabytes in JSON. */
const largestMessage = 512 * 1024 * 1024;
const handshakeTimeoutMs = 15_000;
/** Longest answer to a refused upgrade that is read. */
const refusalBytes = 64 * 1024;

/** One WebSocket to a server. Events come in order, `closed` last and once. */
export class Connection {
  readonly #socket: WebSocket;
  #waitingBytes = 0;

  constructor({ url, apiKey }: ConnectionTarget, onEvent: (event: ConnectionEvent) => void) {
    let wasOpen = false;
    let refusal: ConnectionEnd['refusal'];
    let fault: string | undefined;
    const socket = new WebSocket(url, {
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
      perMessageDeflate: false,
      // Each message comes in a turn of the event loop of its own: signals are seen between them.
      allowSynchronousEvents: false,
      maxPayload: largestMessage,
      handshakeTimeout: handshakeTimeoutMs,
    });
    this.#socket = socket;
    socket.on('open', () => {
      wasOpen = true;
      onEvent({ type: 'opened' });
    });
    socket.on('message', (data: Buffer, isBinary) => {
      this.#waitingBytes += data.length;
      if (this.#waitingBytes > bufferBytes) socket.pause();
      onEvent(isBinary ? { type: 'binary', data } : { type: 'text', text: textOf(data) });
    });
    socket.on('unexpected-response', (_request, response: IncomingMessage) => {
      void readRefusal(response).then((message) => {
        refusal = { status: response.statusCode ?? 0, message };
        socket.terminate();
      });
    });
    // A `close` follows.
    socket.on('error', (error) => {
      fault ??= error.message || error.name;
    });
    socket.on('close', (code, reason) => {
      const ending = { code, reason: reason.toString(), wasOpen };
      const why = { ...(refusal ? { refusal } : {}), ...(fault === undefined ? {} : { fault }) };
      onEvent({ type: 'closed', end: { ...ending, ...why } });
    });
  }

  /** Frames to a connection that has just ended are dropped; `closed` is on its way. */
  send(frame: ClientFrameInput): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** A message has been worked off. */
  taken(bytes: number): void {
    this.#waitingBytes -= bytes;
    if (this.#socket.isPaused && this.#waitingBytes <= bufferBytes / 2) this.#socket.resume();
  }

  /** Ends it at once; `closed` follows. */
  terminate(): void {
    this.#socket.terminate();
  }
}

/** The message of a JSON answer `{code, message}`, or nothing. Never rejects. */
async function readRefusal(response: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > refusalBytes) break;
    }
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && 'message' in body) return String(body.message);
  } catch {
    // No JSON, or cut off: the status says enough.
  }
  return '';
}
