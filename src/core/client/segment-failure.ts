import { FastVideoError } from '../base/errors.ts';
import { errorWords } from '../protocol/error-words.ts';
import type { ServerFrame } from '../protocol/native/server-frames.ts';
import type { FailedRequest, SegmentPlan } from './segment-plan.ts';
import { shortPrompt } from './short-prompt.ts';

type ErrorFrame = Extract<ServerFrame, { type: 'error' }>;

/** How often a segment that failed is asked for again. */
const mostRepeats = 3;

export interface Failure {
  /** Unset when the error means no segment. */
  readonly failed: FailedRequest | undefined;
  readonly error: FastVideoError;
  readonly next: 'again' | 'skipped' | 'failed';
}

/** What an `error` frame of an open session means; takes the request that it means out of the plan. */
export function failureOf(frame: ErrorFrame, plan: SegmentPlan, onError: 'fail' | 'skip'): Failure {
  const { code, message, retryable, about } = frame;
  const error = new FastVideoError(code === 'internal_error' ? 'worker_failed' : code, errorWords(message), {
    retryable,
  });
  // The answer to a toggle: what was asked for on the command line cannot be had.
  if (about?.toggle !== undefined) return { failed: undefined, error, next: 'failed' };
  // The same request is as wrong the next time, also where another one may be sent in its place.
  const mayPass = retryable && error.entry.whose !== 'user';
  const failed = failedRequest(frame, plan);
  const isAsked = failed === undefined || failed.request.failures < mostRepeats;
  // What the server could not make by itself leaves what is being made alone.
  if (mayPass && isAsked && (failed || plan.running)) return { failed, error, next: 'again' };
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

function failedRequest({ code, about }: ErrorFrame, plan: SegmentPlan): FailedRequest | undefined {
  if (about?.segment_idx !== undefined && about.segment_idx === plan.runningIdx) return plan.fail('running');
  if (about?.message === 'segment_prompt_source') return plan.fail('sent');
  if (about) return undefined;
  // A server that tells nothing: a worker fails with what it makes; what is refused is what was asked for last.
  const isRefused = code === 'prompt_blocked' || code === 'invalid_message';
  return isRefused
    ? (plan.fail('sent') ?? plan.fail('running'))
    : (plan.fail('running') ?? plan.fail('sent'));
}
