import { backoffMs } from '../src/core/base/async/backoff.ts';

/** Tries after which the page stops and leaves it to the person. */
export const reconnectAttempts = 8;

const firstDelayMs = 500;
const longestDelayMs = 15_000;

/** Milliseconds to wait before try number `attempt` (from 1); undefined when there were enough. */
export function reconnectDelayMs(attempt: number): number | undefined {
  if (attempt > reconnectAttempts) return undefined;
  return backoffMs(attempt - 1, firstDelayMs, longestDelayMs);
}
