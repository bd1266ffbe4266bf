import { cleanText } from '../text/clean-text.ts';
import { formatClock } from '../text/format.ts';
import type { Fleet } from './fleet.ts';

/** One error that a client was told of. */
export interface ErrorRow {
  readonly replica: string;
  readonly atMs: number;
  readonly time: string;
  readonly code: string;
  readonly session: string;
  readonly message: string;
}

/** The newest first. */
export function errorRows({ members }: Fleet): ErrorRow[] {
  const rows = members.flatMap(({ name, status }) =>
    (status.recent_errors ?? []).map(({ ts, code, message, session_id }) => ({
      replica: name,
      atMs: ts === undefined ? 0 : Date.parse(ts) || 0,
      time: timeText(ts),
      code: cleanText(code ?? ''),
      session: cleanText(session_id ?? ''),
      message: cleanText(message),
    })),
  );
  return rows.sort((a, b) => b.atMs - a.atMs);
}

function timeText(ts: string | undefined): string {
  if (ts === undefined) return '';
  const atMs = Date.parse(ts);
  return Number.isNaN(atMs) ? cleanText(ts) : formatClock(atMs);
}
