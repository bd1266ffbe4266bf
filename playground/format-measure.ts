/** `85 ms`, `1.24 s`, `75 s`. */
export function formatMs(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  return seconds < 10 ? `${trim(seconds.toFixed(2))} s` : `${trim(seconds.toFixed(1))} s`;
}

/** `12 kB`, `3.4 MB`: powers of ten. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function trim(number: string): string {
  return String(Number(number));
}
