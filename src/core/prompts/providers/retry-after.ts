/**
 * Milliseconds to wait from the value of a `Retry-After` header (RFC 9110, 10.2.3: seconds, or a date); undefined for
 * none, and for one that says nothing.
 *
 * @param now - milliseconds since the epoch
 */
export function retryAfterMs(value: string | null | undefined, now: number): number | undefined {
  const text = value?.trim();
  if (!text) return undefined;
  // Fractions are not in the RFC; providers send them.
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
