/**
 * `fastvideo/client`: a client of `fastvideo serve`, `mock` and `router` for browsers, Node and workers. Without
 * dependencies; see docs/client.md.
 */
export { type ClientErrorCode, type ErrorAbout, FastVideoError } from './errors.ts';
export type {
  ClientFrame,
  ContinuationState,
  QueueReason,
  ServerFrame,
  WireErrorCode,
} from './frames.ts';
export type { ReconnectOptions } from './reconnection.ts';
export type { PromptSource, SegmentEntry, SegmentRequest, SegmentState } from './segment-entry.ts';
export { Session } from './session.ts';
export type { SessionEnd } from './session-end.ts';
export type { SegmentEvent, SessionEvent } from './session-event.ts';
export type { SessionInit, SessionOptions } from './session-options.ts';
export type { MediaFormat, Retry, SessionPhase, SessionStatus } from './session-status.ts';
export type { Bytes, WebSocketConstructor, WebSocketLike } from './web-socket.ts';
