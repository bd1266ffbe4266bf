import type { ErrorServerFrame, WireErrorCode } from './frames.ts';

/**
 * Codes of `error` frames (docs/protocol.md), and those that arise in the client:
 *
 * - `connection_failed`: no connection could be opened, and no further one is tried by itself.
 * - `connection_lost`: the connection broke in the middle of a segment whose media had begun to arrive.
 * - `not_connected`: this needs an open session.
 * - `session_ended`: the session ended, by `close()` or by the server, before the segment was made.
 * - `cancelled`: the segment was cancelled.
 * - `invalid_option`: an option of the client is not valid.
 * - `media_unsupported`: the browser cannot play this media.
 * - `media_failed`: the browser could not decode the media.
 */
export type ClientErrorCode =
  | WireErrorCode
  | 'connection_failed'
  | 'connection_lost'
  | 'not_connected'
  | 'session_ended'
  | 'cancelled'
  | 'invalid_option'
  | 'media_unsupported'
  | 'media_failed';

/** What an error is about: the message, the toggle, the prompt or the segment that the server names. */
export type ErrorAbout = NonNullable<ErrorServerFrame['about']>;

/** Every error of this client: a code for programs and one sentence for people. */
export class FastVideoError extends Error {
  override readonly name: string = 'FastVideoError';
  readonly code: ClientErrorCode;
  /** Whether the same request may succeed when it is sent again. */
  readonly retryable: boolean;
  readonly about: ErrorAbout | undefined;

  constructor(
    code: ClientErrorCode,
    message: string,
    options: { readonly retryable?: boolean; readonly about?: ErrorAbout | undefined } = {},
  ) {
    super(message);
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.about = options.about;
  }
}

export function errorOf({ code, message, retryable, about }: ErrorServerFrame): FastVideoError {
  return new FastVideoError(code, message, { retryable, about });
}
