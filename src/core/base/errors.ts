import { type ErrorCode, type ErrorEntry, errorTable } from './error-table.ts';

interface ErrorOptions {
  /** The first cause, kept for logs and `--verbose`. */
  readonly cause?: unknown;
  /** Where the default of the table does not hold. */
  readonly retryable?: boolean;
}

/** Every error that is meant to be seen: a code of the error table and one clear line. */
export class FastVideoError extends Error {
  override readonly name = 'FastVideoError';
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message?: string, options: ErrorOptions = {}) {
    super(
      message ?? errorTable[code].message,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.retryable = options.retryable ?? errorTable[code].retryable;
  }

  get entry(): ErrorEntry {
    return errorTable[this.code];
  }
}

/** The error as it is, or, for anything that is not one of ours, an `internal_error` with it as the cause. */
export function toFastVideoError(error: unknown): FastVideoError {
  if (error instanceof FastVideoError) return error;
  return new FastVideoError('internal_error', errorMessage(error), { cause: error });
}

/** One line of text for anything that was thrown. */
export function errorMessage(error: unknown): string {
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}

/** True for the error that an aborted signal's work ends with. */
export function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The system's error code (`ENOENT`, `EPIPE`), if the error carries one. */
export function systemErrorCode(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}
