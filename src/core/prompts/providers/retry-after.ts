/** Nobody is left alone for longer, whatever a header says; in milliseconds. */
const longestMs = 24 * 3_600_000;

/**
 * Milliseconds to wait from `retry-after-ms`, which some providers send, or else `Retry-After` (RFC 9110, 10.2.3: seconds,
 * or a date), a day at most; undefined for none, and for one that says nothing.
 *
 * @param now - milliseconds since the epoch
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const exact = numberOf(headers.get('retry-after-ms'));
  if (exact !== undefined) return bounded(exact);
  const text = headers.get('retry-after')?.trim();
  if (!text) return undefined;
  const seconds = numberOf(text);
  if (seconds !== undefined) return bounded(seconds * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : bounded(date - now);
}

/** Fractions are not in the RFC; providers send them. */
function numberOf(text: string | null): number | undefined {
  return text !== null && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}

function bounded(ms: number): number {
  return Math.ceil(Math.min(longestMs, Math.max(0, ms)));
}
