import { cutLine, type Line, lineWidth, span } from './line.ts';

export interface Part {
  readonly line: Line;
  /** 1 stays longest. */
  readonly priority: number;
}

const between = '  ';

/** Parts side by side; those of the highest priority number go first when they do not fit. */
export function joinParts(parts: readonly Part[], width: number): Line {
  const kept = [...parts];
  const total = () =>
    kept.reduce((sum, { line }) => sum + lineWidth(line), 0) + (kept.length - 1) * between.length;
  while (kept.length > 1 && total() > width) {
    const last = kept.reduce((worst, part) => (part.priority > worst.priority ? part : worst));
    kept.splice(kept.indexOf(last), 1);
  }
  const joined = kept.flatMap(({ line }, index) => (index === 0 ? line : [span(between), ...line]));
  return cutLine(joined, width);
}
