import type { DashboardState } from '../state/dashboard-state.ts';
import { cleanText } from '../text/clean-text.ts';
import { formatClock } from '../text/format.ts';
import { cutLine, type Line, type Span, span } from '../text/line.ts';
import { wrapWords } from '../text/wrap-words.ts';

/** Rows that one of them may take. */
const longest = 3;

/** Lines for what an operator must not miss; none when all is well. */
export function bannerLines({ fleet, problem, ui }: DashboardState, width: number): Line[] {
  const lines: Span[] = [];
  if (problem) {
    const since = `unreachable since ${formatClock(problem.sinceMs)}, retrying: ${problem.text}`;
    lines.push(span(since, 'alarm'));
  }
  for (const { name, status } of fleet?.members ?? []) {
    const of = name === '' ? '' : `${name} `;
    if (status.draining) {
      lines.push(span(`${of}draining: accepts no new sessions, finishes running segments`, 'warn'));
    }
    if (status.store && !status.store.ok) {
      const { kind, reason } = status.store;
      const why = reason ? `: ${reason}` : '';
      lines.push(span(cleanText(`${of}store ${kind} not ok${why}`), 'bad'));
    }
  }
  if (ui.notice) lines.push(span(ui.notice.text, ui.notice.tone));
  return lines.flatMap(({ text, tone }) =>
    wrapWords(text, width)
      .slice(0, longest)
      .map((part) => cutLine([span(part, tone)], width)),
  );
}
