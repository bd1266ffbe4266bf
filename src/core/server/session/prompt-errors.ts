import { type ErrorAbout, FastVideoError, toFastVideoError } from '../../base/errors.ts';

export function invalid(message: string, about?: ErrorAbout): FastVideoError {
  return new FastVideoError('invalid_message', message, about ? { about } : {});
}

/** What is missing where a prompt is to be written by a model. */
export function noProvider(what: string, about?: ErrorAbout): FastVideoError {
  const remedy =
    'set streaming.prompt.enabled and a provider (streaming.prompt.provider) in the server config';
  return invalid(`${what} needs a prompt provider, and none is configured; ${remedy}.`, about);
}

/** What a client is told about a segment that could not be made: the codes of this side become `worker_failed`. */
export function segmentError(error: unknown): FastVideoError {
  const known = toFastVideoError(error);
  if (known.entry.wire && known.code !== 'internal_error') return known;
  return new FastVideoError('worker_failed', known.message, { cause: error, retryable: true });
}

/** What a client is told when a prompt could not be checked or written. */
export function promptError(error: unknown): FastVideoError {
  const known = toFastVideoError(error);
  if (known.code !== 'prompt_failed') return known;
  return new FastVideoError('internal_error', known.message, { retryable: known.retryable, cause: error });
}
