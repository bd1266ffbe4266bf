import { clientText } from '../../base/client-text.ts';
import type { ErrorCode } from '../../base/error-table.ts';

/** What a route answers that refuses. The web app shows `detail` to its user. */
export function refusal(code: ErrorCode, message: string) {
  const told = clientText(message);
  return { code, message: told, detail: told };
}
