import { errorOf, FastVideoError } from './errors.ts';
import type { ErrorServerFrame, Ltx2StreamCompleteServerFrame } from './frames.ts';
import type { StreamClose } from './stream-connection.ts';

/**
 * Why a session is over: it was left; the server makes no more segments in one session; nothing was asked for too long;
 * the server ended it in good order; or it failed.
 */
export type SessionEnd =
  | { readonly why: 'left' | 'segment_limit' | 'idle'; readonly error?: undefined }
  | { readonly why: 'server' | 'failed'; readonly error: FastVideoError };

/** What was told before the connection closed. */
export interface LastWords {
  readonly leaving: boolean;
  /** The session was opened. */
  readonly active?: boolean;
  readonly complete?: Ltx2StreamCompleteServerFrame['reason'];
  readonly timeoutSeconds?: number;
  readonly error?: ErrorServerFrame;
}

/** What a close means: the session is over, the client should try again, or a person has to do something first. */
export type Ending =
  | ({ readonly type: 'ended'; readonly sentence: string } & SessionEnd)
  /** `why` as it stands in a sentence, without the full stop. */
  | { readonly type: 'lost'; readonly why: string }
  | { readonly type: 'refused'; readonly error: FastVideoError };

export function endingOf(close: StreamClose, words: LastWords): Ending {
  const { code, reason, wasOpen } = close;
  const { active = false, error, complete } = words;
  if (words.leaving) return { type: 'ended', why: 'left', sentence: 'You ended the session.' };
  if (complete === 'segment_cap') {
    const sentence = 'The session has reached the segment limit of the server.';
    return { type: 'ended', why: 'segment_limit', sentence };
  }
  if (words.timeoutSeconds !== undefined) {
    const sentence = `The session was closed after ${Math.round(words.timeoutSeconds)} s without a prompt.`;
    return { type: 'ended', why: 'idle', sentence };
  }
  if (!wasOpen) return { type: 'lost', why: 'no connection could be opened' };
  const isFinal = error && !error.retryable && (!active || (code === 1013 && complete === undefined));
  // 1003 unsupported data, 1008 policy violation, 1009 message too big: the same again would end the same.
  if (isFinal || code === 1003 || code === 1008 || code === 1009) {
    const sentence = `The server closed the connection with ${withReason(code, reason)}.`;
    return { type: 'refused', error: error ? errorOf(error) : new FastVideoError('session_ended', sentence) };
  }
  if (code === 1000 && (active || !error?.retryable)) {
    const sentence = 'The server has ended the session.';
    const said = reason === '' ? sentence : `${sentence.slice(0, -1)} (${reason}).`;
    const why = error ? errorOf(error) : new FastVideoError('session_ended', said);
    return { type: 'ended', why: 'server', sentence, error: why };
  }
  const why = error && !active ? error.message : (close.fault ?? describeClose(close));
  // The sentence goes on behind it, and says that it is tried again.
  return { type: 'lost', why: why.replace(/(?:; try again)?\.$/, '') };
}

function describeClose({ code, reason }: StreamClose): string {
  return code === 1006 ? 'the connection broke' : `the connection closed with ${withReason(code, reason)}`;
}

function withReason(code: number, reason: string): string {
  return reason === '' ? String(code) : `${code} ${reason}`;
}
