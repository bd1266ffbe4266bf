const levels = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** The last `width` values as bars from 0 to their maximum; a blank where nothing was measured. */
export function sparkline(values: readonly (number | undefined)[], width: number): string {
  if (width <= 0) return '';
  const shown = values.slice(-width);
  const top = Math.max(0, ...shown.map((value) => value ?? 0));
  const bars = shown.map((value) => {
    if (value === undefined) return ' ';
    return levels[top === 0 ? 0 : Math.round((value / top) * (levels.length - 1))] ?? levels[0];
  });
  return bars.join('').padEnd(width);
}
