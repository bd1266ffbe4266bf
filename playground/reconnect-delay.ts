/** Tries after which the page stops and leaves it to the person. */
export const reconnectAttempts = 8;

const firstDelayMs = 500;
const longestDelayMs = 15_000;

/** Milliseconds to wait before try number `attempt` (from 1); undefined when there were enough. */
export function reconnectDelayMs(attempt: number): number | undefined {
  if (attempt > reconnectAttempts) return undefined;
  return Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs);
}
