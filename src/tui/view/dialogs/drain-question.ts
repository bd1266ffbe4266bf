import { type Line, span } from '../../text/line.ts';
import { wrapWords } from '../../text/wrap-words.ts';

const consequences =
  'It takes no new session from then on, ends the segments that are being made, tells its clients and exits. This cannot be taken back.';

/** Says what a drain does before it is done. */
export function drainQuestion(label: string, width: number): Line[] {
  return [[span(label)], ...wrapWords(consequences, width).map((line) => [span(line)])];
}
