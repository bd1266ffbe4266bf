import { type ErrorCode, type ErrorEntry, errorTable } from './error-table.ts';

/** What an error is about, for programs: they need not read its message. */
export interface ErrorAbout {
  /** `type` of the client's message that could not be done. */
  readonly message?: string;
  /** The toggle that has no effect. */
  readonly toggle?: 'enhancement' | 'auto_extension' | 'loop_generation';
  /** The client's own name for the prompt. */
  readonly prompt_id?: string;
  /** The segment that could not be made. */
  readonly segment_idx?: number;
  /** What went wrong, where the message is for people. */
  readonly detail?: string;
}

interface ErrorOptions {
  /** The first cause, kept for logs and `--verbose`. */
  readonly cause?: unknown;
  /** Where the default of the table does not hold. */
  readonly retryable?: boolean;
  readonly about?: ErrorAbout;
}

/** Every error that is meant to be seen: a code of the error table and one clear line. */
export class FastVideoError extends Error {
  override readonly name = 'FastVideoError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly about: ErrorAbout | undefined;

  constructor(code: ErrorCode, message?: string, options: ErrorOptions = {}) {
    super(
      message ?? errorTable[code].message,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.about = options.about;
    this.retryable = options.retryable ?? errorTable[code].retryable;
  }

  get entry(): ErrorEntry {
    return errorTable[this.code];
  }

  /** The same error that tells what it is about too; what it tells already stays. */
  concerning(about: ErrorAbout): FastVideoError {
    if (Object.keys(about).length === 0) return this;
    const { code, message, cause, retryable } = this;
    return new FastVideoError(code, message, { cause, retryable, about: { ...about, ...this.about } });
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

/** The system's error code (`ENOENT`, `EPIPE`), if the error carries one. */
export function systemErrorCode(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}
