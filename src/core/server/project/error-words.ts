import { clientMessage } from '../../base/client-text.ts';
import type { ErrorCode } from '../../base/error-table.ts';
import { type ErrorAbout, FastVideoError } from '../../base/errors.ts';
import type { FailedAnswer } from '../../sessions/project/project-state.ts';
import { LateOpening } from '../session/invalid-opening.ts';
import { invalid, promptError } from '../session/prompt-errors.ts';

/** What a person is told who did not write the page. */
const words: Partial<Record<ErrorCode, string>> = {
  invalid_message: 'The server does not understand this page. Reload the page, then try again.',
  preset_mismatch: "The story does not fit this server's model. Start a new project.",
  gpu_unavailable: 'No video worker is free. Try again in a few minutes.',
  worker_failed: 'A part of the video could not be made.',
  upstream_timeout: 'A part of the video took too long to make and is left out.',
};
const unchanged = 'The picture cannot turn to these words now. Use them for the next part.';
const full = 'The server has as many sessions as it can take. Try again later.';
const restarting = 'The server is shutting down. Try again in a moment.';
const slow = 'What the page sent did not arrive in time: the connection is slow. Try again.';
const broken = 'Something went wrong on the server. Try again.';

/** `invalid_message` in words for people; what a program wants to know is in `about`. */
export function refused(words: string, detail: string, about: ErrorAbout = {}): FastVideoError {
  return invalid(words, { ...about, detail });
}

/** The error as the web app shows it: it has the message on its screen. What was meant for programs is its `about.detail`. */
export function inWordsForPeople(error: FastVideoError): FastVideoError {
  if (error.about?.detail !== undefined || error.code === 'prompt_blocked') return error;
  const { code, retryable } = error;
  const detail = clientMessage(error);
  return new FastVideoError(code, wordsFor(error), {
    retryable,
    cause: error,
    about: { ...error.about, detail },
  });
}

function wordsFor(error: FastVideoError): string {
  if (error instanceof LateOpening) return slow;
  if (error.code === 'session_rejected') return error.retryable ? restarting : full;
  if (error.code === 'invalid_message' && error.about?.message === 'prompt_update') return unchanged;
  return words[error.code] ?? broken;
}

/** Why a model wrote nothing that can be used, and what comes of that. */
export function unusableAnswer(error: unknown, consequence: string): FailedAnswer {
  const known = promptError(error);
  if (known.code === 'prompt_blocked') return { error: clientMessage(known) };
  const detail = clientMessage(known);
  return { error: `The language model gave no usable answer${consequence}.`, about: { detail } };
}
