import { FastVideoError, systemErrorCode } from './errors.ts';
import { systemReason } from './system-reason.ts';

/** The error of a file that the user named and that cannot be written; `error` says why. */
export function unwritable(path: string, error: unknown): FastVideoError {
  const message = `${path} cannot be written: ${systemReason(error)}.`;
  return new FastVideoError('input_invalid', message, { cause: error });
}

/** The error of stdout in our words; `EPIPE`, the quiet end of a reader, as it is. */
export function stdoutFailure(error: Error): Error {
  return systemErrorCode(error) === 'EPIPE' || error instanceof FastVideoError
    ? error
    : unwritable('stdout', error);
}
