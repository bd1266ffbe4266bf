import type { FastVideoError as ClientError } from '../../client/errors.ts';
import type { ErrorCode } from '../base/error-table.ts';
import { FastVideoError } from '../base/errors.ts';
import { errorWords } from '../protocol/error-words.ts';

/** An error of the client library as that of a command, whose code gives the exit code. */
export function commandError({ code, message, retryable }: ClientError): FastVideoError {
  const own = (commandCode: ErrorCode) => new FastVideoError(commandCode, message, { retryable });
  const told = (commandCode: ErrorCode) =>
    new FastVideoError(commandCode, errorWords(message), { retryable });
  switch (code) {
    case 'connection_failed':
      return own('upstream_timeout');
    case 'session_ended':
    case 'connection_lost':
    case 'not_connected':
    case 'cancelled':
      return own('session_rejected');
    case 'invalid_option':
    case 'media_failed':
    case 'media_unsupported':
      return own('input_invalid');
    // Told by HTTP, in place of a WebSocket.
    case 'unauthorized':
      return own(code);
    // A bug of the server's, not of this command's.
    case 'internal_error':
      return told('worker_failed');
    default:
      return told(code);
  }
}
