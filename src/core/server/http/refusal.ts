import type { ErrorCode } from '../../base/error-table.ts';

/** What a route answers that refuses. The web app shows `detail` to its user. */
export function refusal(code: ErrorCode, message: string) {
  return { code, message, detail: message };
}
