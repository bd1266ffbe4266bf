import type { RawData, WebSocket } from 'ws';

/** Sits on one client's connection: sees what goes both ways, and may change what goes out. */
export interface ConnectionTap {
  /** What is sent in place of `data`, a text or a binary message; undefined: nothing. */
  outgoing?(data: string | Uint8Array): string | Uint8Array | undefined;
  /** A message of the client, before anybody works on it. */
  incoming?(data: RawData, isBinary: boolean): void;
  /** The connection is closed, by whichever side. */
  closed?(code: number, reason: string): void;
}

/** A connection that has just been opened. */
export interface TappedConnection {
  /** `/v1/stream` or `/ws`. */
  readonly path: string;
  /** The session's ids are not known yet; the connection may be cut off or closed through this. */
  readonly socket: Pick<WebSocket, 'close' | 'terminate'>;
}

/** Called for each new connection; undefined: this one is left alone. */
export type OpenTap = (connection: TappedConnection) => ConnectionTap | undefined;
