const firstDelayMs = 250;
const longestDelayMs = 8000;

/**
 * Milliseconds to wait before try number `attempt` (from 1) to come back, `lostForMs` after the connection was lost;
 * undefined when `limitMs` is over. The last try comes when the limit ends, not before.
 */
export function reconnectDelayMs(attempt: number, lostForMs: number, limitMs: number): number | undefined {
  const left = limitMs - lostForMs;
  if (left <= 0) return undefined;
  return Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs, left);
}
