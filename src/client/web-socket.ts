import { FastVideoError } from './errors.ts';

/** Bytes of media. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** What is used of a WebSocket: that of browsers, of Node from version 22 on, and of the package `ws`. */
export interface WebSocketLike {
  binaryType: string;
  send(data: string): void;
  close(code?: number): void;
  /** Of `open`, `message`, `error` and `close`, with the events of browsers. */
  addEventListener(type: never, listener: never): void;
}

/** The same, as it is called here. */
interface SocketListening {
  addEventListener(type: string, listener: (event: SocketEvent) => void): void;
}

interface SocketEvent {
  /** Of `message`. */
  readonly data: string | ArrayBuffer;
  /** These two of `close`. */
  readonly code: number;
  readonly reason: string;
}

/**
 * E.g. `WebSocket` of the package `ws`, for Node before version 22, which has none of its own. It is called with the
 * address as a string; `never`, because the last overload of `ws` takes no address.
 */
export type WebSocketConstructor = new (url: never) => WebSocketLike;

export interface SocketEvents {
  opened(): void;
  text(data: string): void;
  binary(data: Bytes): void;
  closed(code: number, reason: string): void;
}

/** Throws `invalid_option` where there is no WebSocket. */
export function webSocketClass(given: WebSocketConstructor | undefined): WebSocketConstructor {
  const found = given ?? (globalThis as { readonly WebSocket?: WebSocketConstructor }).WebSocket;
  if (found) return found;
  const remedy = 'pass one as the option webSocket, e.g. that of the package ws';
  throw new FastVideoError('invalid_option', `This JavaScript runtime has no WebSocket; ${remedy}.`);
}

/** Opens a WebSocket whose binary messages are `ArrayBuffer`s. */
export function openSocket(
  WebSocketClass: WebSocketConstructor,
  url: string,
  events: SocketEvents,
): WebSocketLike {
  const socket = new WebSocketClass(url as never);
  socket.binaryType = 'arraybuffer';
  const listening = socket as SocketListening;
  listening.addEventListener('open', () => events.opened());
  listening.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') events.text(data);
    else events.binary(new Uint8Array(data));
  });
  // Tells nothing that the `close` event after it does not, but some runtimes want it to be listened to.
  listening.addEventListener('error', () => undefined);
  listening.addEventListener('close', ({ code, reason }) => events.closed(code, reason));
  return socket;
}
