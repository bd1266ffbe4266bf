/** How a lost connection is opened again. */
export interface ReconnectOptions {
  /** Tries in a row after which it is left to the caller; 0: none. Default 8. */
  readonly attempts?: number;
  /** Milliseconds before the first try, doubled before each further one. Default 500. */
  readonly firstDelayMs?: number;
  /** Milliseconds before a try at most. Default 15 000. */
  readonly longestDelayMs?: number;
}

export const defaultReconnect: Required<ReconnectOptions> = {
  attempts: 8,
  firstDelayMs: 500,
  longestDelayMs: 15_000,
};

/** Milliseconds to wait before try number `attempt` (from 1); undefined when there were enough. */
export function reconnectDelayMs(
  attempt: number,
  { attempts, firstDelayMs, longestDelayMs }: Required<ReconnectOptions>,
): number | undefined {
  return attempt > attempts ? undefined : Math.min(longestDelayMs, firstDelayMs * 2 ** (attempt - 1));
}
