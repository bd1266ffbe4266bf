import { type Line, span } from '../../text/line.ts';
import { fitText } from '../../text/text-width.ts';
import { wrapWords } from '../../text/wrap-words.ts';

const keys = [
  ['tab', 'go to the next list (▸)'],
  ['↑ ↓', 'scroll it; PgUp PgDn Home End'],
  ['s', 'sort it by another column'],
  ['/', 'show only rows that contain a text'],
  ['Esc', 'clear the filter'],
  ['d', 'drain the server (asks first)'],
  ['q', 'quit; Ctrl-C too'],
] as const;
const keyColumn = 5;

/** What the keys do. */
export function helpLines(width: number): Line[] {
  return keys.flatMap(([key, does]) =>
    wrapWords(does, width - keyColumn).map((part, index) => [
      span(fitText(index === 0 ? key : '', keyColumn), 'strong'),
      span(part),
    ]),
  );
}
