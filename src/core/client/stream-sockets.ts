import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { FastVideoError as ClientError } from '../../client/errors.ts';
import { textOf } from '../base/ws-data.ts';
import { showStreamUrl } from './stream-url.ts';

export interface ConnectionTarget {
  readonly url: URL;
  readonly apiKey: string | undefined;
}

interface SocketEvents {
  opened(): void;
  /** A text frame as it came, before it is read. */
  text(text: string): void;
}

/** Largest message of a server: a state of tens of megabytes in JSON. */
const largestMessage = 512 * 1024 * 1024;
const handshakeTimeoutMs = 15_000;
/** Longest answer to a refused upgrade that is read. */
const refusalBytes = 64 * 1024;

/** Opens the WebSockets of a session, one at a time, and knows of them what only Node tells. */
export class StreamSockets {
  readonly #target: ConnectionTarget;
  readonly #events: SocketEvents;
  #socket: WebSocket | undefined;
  #everOpened = false;
  /** What the server answered in place of a WebSocket. */
  #refusal: { readonly status: number; readonly message: string } | undefined;
  /** The fault of the network, e.g. `connect ECONNREFUSED 127.0.0.1:8000`. */
  #fault: string | undefined;

  constructor(target: ConnectionTarget, events: SocketEvents) {
    this.#target = target;
    this.#events = events;
  }

  open(url: string): WebSocket {
    const { apiKey } = this.#target;
    const socket = new WebSocket(url, {
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
      perMessageDeflate: false,
      // Each message comes in a turn of the event loop of its own: signals are seen between them.
      allowSynchronousEvents: false,
      maxPayload: largestMessage,
      handshakeTimeout: handshakeTimeoutMs,
    });
    this.#socket = socket;
    this.#refusal = undefined;
    this.#fault = undefined;
    socket.on('open', () => {
      this.#everOpened = true;
      this.#events.opened();
    });
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) this.#events.text(textOf(data));
    });
    socket.on('unexpected-response', (_request, response: IncomingMessage) => {
      void readRefusal(response).then((message) => {
        this.#refusal = { status: response.statusCode ?? 0, message };
        socket.terminate();
      });
    });
    // A `close` follows.
    socket.on('error', (error) => {
      this.#fault ??= error.message || error.name;
    });
    return socket;
  }

  /** Why the last one could not be opened. */
  explainFailure(): ClientError {
    const address = showStreamUrl(this.#target.url);
    if (this.#refusal) return refusedUpgrade(this.#refusal, address);
    const message = `${address} cannot be reached: ${this.#fault ?? 'no answer'}.`;
    // Where there never was a server, waiting for it helps nobody; one that answers may be starting or draining.
    return new ClientError('connection_failed', message, { retryable: this.#everOpened });
  }

  /** Reads no further, so that the server holds its generator. */
  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  /** Ends what is still open at once. */
  terminate(): void {
    this.#socket?.terminate();
  }
}

function refusedUpgrade(
  { status, message }: { readonly status: number; readonly message: string },
  address: string,
): ClientError {
  const said = message === '' ? '' : ` ${message}`;
  if (status === 401 || status === 403) {
    const text = `${address} refused the connection:${said || ` HTTP ${status}.`} Pass a key with --api-key or FASTVIDEO_API_KEY.`;
    return new ClientError('unauthorized', text);
  }
  if (status >= 500 || status === 408 || status === 429) {
    const text = `${address} answered HTTP ${status}${said && `:${said}`}`;
    return new ClientError('connection_failed', text, { retryable: true });
  }
  const text = `${address} answered HTTP ${status}: is this the stream of a fastvideo server?${said}`;
  return new ClientError('invalid_option', text);
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
