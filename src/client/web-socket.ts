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
  /** Of `error`, where the runtime says it. */
  readonly message?: string;
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
  /** `fault`: of the network. */
  closed(close: { readonly code: number; readonly reason: string; readonly fault?: string }): void;
}

/** How connections are opened: as the caller says, or by the class. Throws `invalid_option` where there is no WebSocket. */
export function socketOpener({
  webSocket,
  createWebSocket,
}: {
  readonly webSocket?: WebSocketConstructor | undefined;
  readonly createWebSocket?: ((url: string) => WebSocketLike) | undefined;
}): (url: string) => WebSocketLike {
  if (createWebSocket) return createWebSocket;
  const WebSocketClass = webSocketClass(webSocket);
  return (url) => new WebSocketClass(url as never);
}

function webSocketClass(given: WebSocketConstructor | undefined): WebSocketConstructor {
  const found = given ?? (globalThis as { readonly WebSocket?: WebSocketConstructor }).WebSocket;
  if (found) return found;
  const remedy = 'pass one as the option webSocket, e.g. that of the package ws';
  throw new FastVideoError('invalid_option', `This JavaScript runtime has no WebSocket; ${remedy}.`);
}

/** Its binary messages become `ArrayBuffer`s. */
export function listenTo(socket: WebSocketLike, events: SocketEvents): void {
  let fault: string | undefined;
  socket.binaryType = 'arraybuffer';
  const listening = socket as SocketListening;
  listening.addEventListener('open', () => events.opened());
  listening.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') events.text(data);
    else events.binary(new Uint8Array(data));
  });
  listening.addEventListener('error', ({ message }) => {
    // An empty one says nothing.
    fault ||= message;
  });
  listening.addEventListener('close', ({ code, reason }) =>
    events.closed({ code, reason, ...(fault ? { fault } : {}) }),
  );
}
