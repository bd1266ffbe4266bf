import { textWidth, truncate } from './text-width.ts';

/** What a piece of text means; the screen gives it a colour, where there are colours. */
export type Tone = 'plain' | 'dim' | 'strong' | 'good' | 'warn' | 'bad' | 'accent' | 'alarm';

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

export type Line = readonly Span[];

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone };
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + textWidth(text), 0);
}

export function lineText(line: Line): string {
  return line.map(({ text }) => text).join('');
}

/** The line in at most `width` columns. */
export function cutLine(line: Line, width: number): Line {
  const kept: Span[] = [];
  let rest = width;
  for (const piece of line) {
    if (rest <= 0) break;
    const text = truncate(piece.text, rest);
    kept.push({ ...piece, text });
    if (text !== piece.text) break;
    rest -= textWidth(text);
  }
  return kept;
}
