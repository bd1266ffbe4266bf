import { type WireErrorCode, wireErrorCodes } from '../../base/error-table.ts';
import type { FastVideoError } from '../../base/errors.ts';
import type { ServerFrame } from '../../protocol/native/server-frames.ts';

/** Codes that stay on this side of the wire become `internal_error`. */
export function errorFrame(error: FastVideoError): ServerFrame {
  const code =
    wireErrorCodes.find((known) => known === error.code) ?? ('internal_error' satisfies WireErrorCode);
  return { type: 'error', code, message: error.message, retryable: error.retryable };
}
