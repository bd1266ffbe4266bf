import { FastVideoError } from '../base/errors.ts';
import { errorWords } from '../protocol/error-words.ts';
import type { ServerFrame } from '../protocol/native/server-frames.ts';
import type { ConnectionEnd } from './connection.ts';

type ErrorFrame = Extract<ServerFrame, { type: 'error' }>;

/** What was told over a connection before it ended. */
export interface ConnectionSummary {
  readonly leaving: boolean;
  /** The session was opened: `ltx2_stream_start` came. */
  readonly active: boolean;
  /** A resume token was shown. */
  readonly resuming: boolean;
  readonly complete?: Extract<ServerFrame, { type: 'ltx2_stream_complete' }>['reason'];
  readonly timedOut?: boolean;
  readonly error?: ErrorFrame;
}

/** What the end of a connection means for the film. */
export type SessionEnd =
  /** We left. */
  | { readonly type: 'left' }
  /** The server makes no further segment in this session. */
  | { readonly type: 'cap' }
  /** Nothing was asked for too long. */
  | { readonly type: 'idle' }
  /** The session cannot be taken up again; a new one goes on from the last state. */
  | { readonly type: 'gone' }
  /** Come back. `unreachable`: nothing answers at the address. */
  | { readonly type: 'lost'; readonly why: string; readonly unreachable?: boolean }
  /** The same again would end the same. */
  | { readonly type: 'refused'; readonly error: FastVideoError };

export function sessionEndOf(end: ConnectionEnd, words: ConnectionSummary, address: string): SessionEnd {
  if (words.leaving) return { type: 'left' };
  if (words.complete === 'segment_cap') return { type: 'cap' };
  if (words.timedOut) return { type: 'idle' };
  if (end.refusal) return refusedUpgrade(end.refusal, address);
  if (!end.wasOpen)
    return {
      type: 'lost',
      why: `${address} cannot be reached: ${end.fault ?? 'no answer'}`,
      unreachable: true,
    };
  const { error } = words;
  if (!words.active && error && !error.retryable) {
    return words.resuming && error.code === 'session_rejected'
      ? { type: 'gone' }
      : { type: 'refused', error: toError(error) };
  }
  // 1003 unsupported data, 1008 policy violation, 1009 message too big (RFC 6455, section 7.4.1).
  if (end.code === 1003 || end.code === 1008 || end.code === 1009) {
    const message = `The server closed the connection with ${end.code}${end.reason && ` ${end.reason}`}.`;
    return {
      type: 'refused',
      error: error ? toError(error) : new FastVideoError('session_rejected', message),
    };
  }
  // A server that ends an open session in order and not because it drains (1001) wants no more of it.
  if (words.active && end.code === 1000) {
    const message = `The server ended the session${end.reason && ` (${end.reason})`}.`;
    return {
      type: 'refused',
      error: error ? toError(error) : new FastVideoError('session_rejected', message),
    };
  }
  const why = error && !words.active ? error.message : (end.fault ?? describeClose(end));
  // The sentence goes on behind it, and says that it is tried again.
  return { type: 'lost', why: why.replace(/(?:; try again)?\.$/, '') };
}

function refusedUpgrade(
  { status, message }: { status: number; message: string },
  address: string,
): SessionEnd {
  const said = message === '' ? '' : ` ${message}`;
  if (status === 401 || status === 403) {
    const text = `${address} refused the connection:${said || ` HTTP ${status}.`} Pass a key with --api-key or FASTVIDEO_API_KEY.`;
    return { type: 'refused', error: new FastVideoError('unauthorized', text) };
  }
  if (status >= 500 || status === 408 || status === 429) {
    return { type: 'lost', why: `${address} answered HTTP ${status}${said && `:${said}`}` };
  }
  const text = `${address} answered HTTP ${status}: is this the stream of a fastvideo server?${said}`;
  return { type: 'refused', error: new FastVideoError('input_invalid', text) };
}

function describeClose({ code, reason }: ConnectionEnd): string {
  if (code === 1006) return 'the connection broke';
  return `the connection closed with ${code}${reason && ` ${reason}`}`;
}

function toError({ code, message, retryable }: ErrorFrame): FastVideoError {
  // `internal_error` is a bug of the server's, not of this command's.
  return new FastVideoError(code === 'internal_error' ? 'worker_failed' : code, errorWords(message), {
    retryable,
  });
}
