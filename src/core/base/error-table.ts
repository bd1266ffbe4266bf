/**
 * Every error code that `fastvideo` knows, in one table. Browser-safe: no Node module is imported here.
 *
 * - `message`: the text when nothing more exact is known.
 * - `wire`: whether the code may stand in an `error` frame.
 * - `retryable`: the default; an error may carry its own.
 * - `whose`: `user` (their input; never a stack trace), `passing` (a fault that may not come again), `bug` (ours).
 * - `httpStatus`: the status when the error answers an HTTP request.
 * - `closeCode`: the WebSocket close code when the error ends a connection (RFC 6455, section 7.4).
 * - `exitCode`: the exit code when the error ends a command.
 */
export interface ErrorEntry {
  readonly message: string;
  readonly wire: boolean;
  readonly retryable: boolean;
  readonly whose: 'user' | 'passing' | 'bug';
  readonly httpStatus: number;
  readonly closeCode: number;
  readonly exitCode: number;
}

export const errorTable = {
  // Codes of `error` frames.
  invalid_message: {
    message: 'The message is not valid.',
    wire: true,
    retryable: true,
    whose: 'user',
    httpStatus: 400,
    closeCode: 1003,
    exitCode: 2,
  },
  session_rejected: {
    message: 'The server accepts no further sessions now.',
    wire: true,
    retryable: false,
    whose: 'passing',
    httpStatus: 503,
    closeCode: 1013,
    exitCode: 1,
  },
  preset_mismatch: {
    message: 'The preset or the continuation state does not fit the loaded model.',
    wire: true,
    retryable: false,
    whose: 'user',
    httpStatus: 409,
    closeCode: 1003,
    exitCode: 2,
  },
  gpu_unavailable: {
    message: 'No worker became free in time.',
    wire: true,
    retryable: true,
    whose: 'passing',
    httpStatus: 503,
    closeCode: 1013,
    exitCode: 1,
  },
  worker_failed: {
    message: 'The worker failed to generate the segment.',
    wire: true,
    retryable: true,
    whose: 'passing',
    httpStatus: 502,
    closeCode: 1011,
    exitCode: 1,
  },
  upstream_timeout: {
    message: 'The segment took longer than its limit.',
    wire: true,
    retryable: true,
    whose: 'passing',
    httpStatus: 504,
    closeCode: 1011,
    exitCode: 1,
  },
  internal_error: {
    message: 'The server had an internal error.',
    wire: true,
    retryable: false,
    whose: 'bug',
    httpStatus: 500,
    closeCode: 1011,
    exitCode: 1,
  },
  prompt_blocked: {
    message: 'The safety filter blocked the prompt.',
    wire: true,
    retryable: false,
    whose: 'user',
    httpStatus: 422,
    closeCode: 1008,
    exitCode: 3,
  },
  unauthorized: {
    message: 'The credentials are missing or wrong, or the Origin is not allowed.',
    wire: true,
    retryable: false,
    whose: 'user',
    httpStatus: 401,
    closeCode: 1008,
    exitCode: 1,
  },
  // Codes that stay on this side of the wire.
  usage: {
    message: 'The command line is not valid.',
    wire: false,
    retryable: false,
    whose: 'user',
    httpStatus: 400,
    closeCode: 1011,
    exitCode: 2,
  },
  config_invalid: {
    message: 'The configuration is not valid.',
    wire: false,
    retryable: false,
    whose: 'user',
    httpStatus: 500,
    closeCode: 1011,
    exitCode: 2,
  },
  input_invalid: {
    message: 'The input is not valid.',
    wire: false,
    retryable: false,
    whose: 'user',
    httpStatus: 400,
    closeCode: 1003,
    exitCode: 1,
  },
  start_failed: {
    message: 'The server could not start.',
    wire: false,
    retryable: false,
    whose: 'user',
    httpStatus: 500,
    closeCode: 1011,
    exitCode: 1,
  },
  encoder_failed: {
    message: 'The encoder failed.',
    wire: false,
    retryable: true,
    whose: 'passing',
    httpStatus: 502,
    closeCode: 1011,
    exitCode: 1,
  },
  generator_failed: {
    message: 'The generator failed.',
    wire: false,
    retryable: true,
    whose: 'passing',
    httpStatus: 502,
    closeCode: 1011,
    exitCode: 1,
  },
  prompt_failed: {
    message: 'No provider could answer.',
    wire: false,
    retryable: true,
    whose: 'passing',
    httpStatus: 502,
    closeCode: 1011,
    exitCode: 1,
  },
  store_failed: {
    message: 'The store cannot be used.',
    wire: false,
    retryable: true,
    whose: 'passing',
    httpStatus: 503,
    closeCode: 1011,
    exitCode: 1,
  },
  queue_full: {
    message: 'No further job can be taken now.',
    wire: false,
    retryable: true,
    whose: 'passing',
    httpStatus: 429,
    closeCode: 1013,
    exitCode: 1,
  },
  interrupted: {
    message: 'Interrupted.',
    wire: false,
    retryable: true,
    whose: 'user',
    httpStatus: 503,
    closeCode: 1001,
    exitCode: 130,
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;

/** The codes that an `error` frame may carry. */
export type WireErrorCode = {
  [Code in ErrorCode]: (typeof errorTable)[Code]['wire'] extends true ? Code : never;
}[ErrorCode];

export const wireErrorCodes = (Object.keys(errorTable) as ErrorCode[]).filter(
  (code): code is WireErrorCode => errorTable[code].wire,
);
