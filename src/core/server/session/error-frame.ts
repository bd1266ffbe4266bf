import { clientMessage } from '../../base/client-text.ts';
import { type WireErrorCode, wireErrorCodes } from '../../base/error-table.ts';
import type { FastVideoError } from '../../base/errors.ts';
import type { ServerFrame } from '../../protocol/native/server-frames.ts';

type ErrorFrame = Extract<ServerFrame, { type: 'error' }>;

/** Codes that stay on this side of the wire become `internal_error`; what they tell, such as addresses, stays too. */
export function errorFrame(error: FastVideoError): ErrorFrame {
  const { code, retryable, entry, about } = error;
  const subject = about ? { about } : {};
  const known = wireErrorCodes.find((wire) => wire === code);
  if (known !== undefined)
    return { type: 'error', code: known, message: clientMessage(error), retryable, ...subject };
  const other = 'internal_error' satisfies WireErrorCode;
  return { type: 'error', code: other, message: entry.message, retryable, ...subject };
}
