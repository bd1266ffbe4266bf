import type { FastVideoError as ClientError } from '../../client/errors.ts';
import { FastVideoError } from '../base/errors.ts';
import { commandError } from './command-error.ts';
import type { FailedRequest } from './segment-plan.ts';
import { shortPrompt } from './short-prompt.ts';

/** How often a segment that failed is asked for again. */
const mostRepeats = 3;

export interface Failure {
  /** Unset when the error means no segment. */
  readonly failed: FailedRequest | undefined;
  readonly error: FastVideoError;
  readonly next: 'again' | 'skipped' | 'failed';
}

interface Circumstances {
  /** The request that the error is about. */
  readonly failed: FailedRequest | undefined;
  /** Whether a segment is being made. */
  readonly isMaking: boolean;
  readonly onError: 'fail' | 'skip';
}

/** What an error of an open session means for the film. */
export function failureOf(told: ClientError, { failed, isMaking, onError }: Circumstances): Failure {
  const error = commandError(told);
  // The answer to a toggle: what was asked for on the command line cannot be had.
  if (told.about?.toggle !== undefined) return { failed: undefined, error, next: 'failed' };
  // The same request is as wrong the next time, also where another one may be sent in its place.
  const mayPass = told.retryable && error.entry.whose !== 'user';
  const isAsked = failed === undefined || failed.request.failures < mostRepeats;
  // What the server could not make by itself leaves what is being made alone.
  if (mayPass && isAsked && (failed || isMaking)) return { failed, error, next: 'again' };
  return { failed, error, next: onError === 'skip' ? 'skipped' : 'failed' };
}

/** The error with the prompt that it is about before its message; one that is about none stays as it is. */
export function aboutPrompt({ error, failed }: Failure): FastVideoError {
  const { prompt, number } = failed?.request ?? {};
  if (prompt === undefined || number === undefined) return error;
  const { code, message, retryable, about } = error;
  const named = `Prompt ${number}, "${shortPrompt(prompt)}": ${message}`;
  return new FastVideoError(code, named, { cause: error, retryable, ...(about ? { about } : {}) });
}
