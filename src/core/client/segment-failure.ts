import { FastVideoError } from '../base/errors.ts';
import { errorWords } from '../protocol/error-words.ts';
import type { ServerFrame } from '../protocol/native/server-frames.ts';
import type { SegmentPlan, SegmentRequest } from './segment-plan.ts';

/** How often a segment that failed is asked for again. */
const mostRepeats = 3;

export interface Failure {
  /** Unset when the error means no segment. */
  readonly failed: { readonly request: SegmentRequest; readonly own: boolean } | undefined;
  readonly error: FastVideoError;
  readonly next: 'again' | 'skipped' | 'failed';
}

/** What an `error` frame of an open session means; takes the request that it means out of the plan. */
export function failureOf(
  { code, message, retryable, about }: Extract<ServerFrame, { type: 'error' }>,
  plan: SegmentPlan,
  onError: 'fail' | 'skip',
): Failure {
  const error = new FastVideoError(code === 'internal_error' ? 'worker_failed' : code, errorWords(message), {
    retryable,
  });
  // The answer to a toggle: what was asked for on the command line cannot be had.
  if (about?.toggle !== undefined) return { failed: undefined, error, next: 'failed' };
  // A worker fails with what it makes; what is refused is what was asked for last.
  const which = code === 'prompt_blocked' || code === 'invalid_message' ? 'sent' : 'running';
  const failed = plan.fail(which);
  if (!failed) return { failed, error, next: onError === 'skip' ? 'skipped' : 'failed' };
  // The same request is as wrong the next time, also where another one may be sent in its place.
  const mayPass = retryable && error.entry.whose !== 'user';
  if (mayPass && failed.request.failures < mostRepeats) return { failed, error, next: 'again' };
  return { failed, error, next: onError === 'skip' ? 'skipped' : 'failed' };
}
