import { type Line, span } from '../../text/line.ts';
import { wrapWords } from '../../text/wrap-words.ts';

const consequences =
  'It accepts no new sessions from then on, finishes running segments, informs its clients and exits. This cannot be undone.';

/** Says what a drain does before it is done. */
export function drainQuestion(label: string, width: number): Line[] {
  return [[span(label)], ...wrapWords(consequences, width).map((line) => [span(line)])];
}
