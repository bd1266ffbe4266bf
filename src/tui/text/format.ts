/** `42s`, `7m 03s`, `3h 07m`, `12d 4h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h ${two(Math.floor(whole / 60) % 60)}m`;
  return `${Math.floor(whole / 86_400)}d ${Math.floor(whole / 3600) % 24}h`;
}

/** Milliseconds with the unit that suits: `312 ms`, `4.2 s`, `3m 05s`. */
export function formatMs(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return formatDuration(ms / 1000);
}

/** A rate in few digits: `0.25`, `3.4`, `128`. */
export function formatRate(value: number): string {
  if (value === 0) return '0';
  if (value < 1) return value.toFixed(2);
  return value < 100 ? value.toFixed(1) : String(Math.round(value));
}

/** The local time of day. */
export function formatClock(atMs: number): string {
  const date = new Date(atMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((value) => String(value).padStart(2, '0'))
    .join(':');
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-/i;

/** The first group of a UUID; another id as it is. */
export function shortId(id: string): string {
  return uuid.test(id) ? id.slice(0, 8) : id;
}
