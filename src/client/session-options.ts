import type { FastVideoError } from './errors.ts';
import type { SessionInitV2ClientFrame } from './frames.ts';
import type { ReconnectOptions } from './reconnection.ts';
import type { SegmentEntry, SegmentRequest } from './segment-entry.ts';
import type { WebSocketConstructor, WebSocketLike } from './web-socket.ts';

/**
 * What a session is opened with, in the words of the protocol (`session_init_v2` in docs/protocol.md): `preset`,
 * `curated_prompts`, `initial_image`, `enhancement_enabled`, `continuation_state` and others.
 */
export type SessionInit = Omit<SessionInitV2ClientFrame, 'type' | 'resume' | 'final_state' | 'stream_mode'>;

export interface SessionOptions {
  /** Address of the server or router: `http`, `https`, `ws` or `wss`; without a path, `/v1/stream` is added. */
  readonly url: string | URL;
  /** Sent in the query of the WebSocket's address, as browsers send no headers with one. */
  readonly apiKey?: string | undefined;
  /** What a session is opened with; a function is asked anew for each connection. Default: the server's choices. */
  readonly init?: SessionInit | (() => SessionInit | Promise<SessionInit>);
  /** Default: that of the browser, of Node from version 22 on, or of the worker. */
  readonly webSocket?: WebSocketConstructor | undefined;
  /**
   * Opens a WebSocket to the address, in place of the class: for headers, a certificate authority or a proxy in Node, where
   * the package `ws` takes them as options.
   */
  readonly createWebSocket?: ((url: string) => WebSocketLike) | undefined;
  readonly reconnect?: ReconnectOptions;
  /**
   * Whether the server's `/status` is asked why no WebSocket could be opened: a browser does not say, and a wrong API
   * key is told from a server that is not there by this only. Default true.
   */
  readonly askStatus?: boolean;
  /**
   * Says why no WebSocket could be opened, in place of `/status`: where `createWebSocket` knows it. It is tried again if the
   * error is `retryable`.
   */
  readonly explainFailure?: () => FastVideoError | Promise<FastVideoError>;
  /**
   * Whether another session continues where the server's segment limit ended one; else the session is over there, and
   * `connect()` opens another one with `init`. Default true.
   */
  readonly continueAtLimit?: boolean;
  /** Asked what to go on with when a segment was made, or cut off by a lost connection, and nothing waits. Default: nothing. */
  readonly whenIdle?: (last: SegmentEntry) => SegmentRequest | undefined;
  /** Closes the session when it is aborted. */
  readonly signal?: AbortSignal;
}
