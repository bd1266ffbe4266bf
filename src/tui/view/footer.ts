import type { UiState } from '../state/ui-state.ts';
import { joinParts } from '../text/join-parts.ts';
import { cutLine, type Line, span } from '../text/line.ts';
import { truncate } from '../text/text-width.ts';

const keys = [
  { key: '?', does: 'help', priority: 2 },
  { key: 'q', does: 'quit', priority: 1 },
  { key: 's', does: 'sort', priority: 4 },
  { key: '/', does: 'filter', priority: 3 },
  { key: 'tab', does: 'next list', priority: 6 },
  { key: '↑↓', does: 'scroll', priority: 7 },
  { key: 'd', does: 'drain', priority: 5 },
];

/** The last line: the keys, or what is being typed. */
export function footerLine(
  { mode, filter }: UiState,
  hasKeys: boolean,
  width: number,
  dialogScrolls: boolean,
): Line {
  if (!hasKeys) return cutLine([span('no keyboard input; Ctrl-C quits', 'dim')], width);
  if (mode === 'help') {
    const close = { line: [span('any key', 'strong'), span(' closes the help', 'dim')], priority: 1 };
    const scroll = { line: [span('↑↓', 'strong'), span(' scroll', 'dim')], priority: 2 };
    return joinParts(dialogScrolls ? [close, scroll] : [close], width);
  }
  if (mode === 'drain') {
    return cutLine(
      [span('y', 'strong'), span(' drain  ', 'dim'), span('n', 'strong'), span(' leave it', 'dim')],
      width,
    );
  }
  if (mode === 'filter') {
    const hint = width >= 60 ? '  Enter keeps it, Esc clears it' : '';
    const typed = truncate(filter, Math.max(8, width - hint.length - 10));
    return cutLine([span('filter: ', 'accent'), span(typed), span('▏', 'accent'), span(hint, 'dim')], width);
  }
  const active = {
    line: [span(`filter "${truncate(filter, 20)}"`, 'accent'), span(' Esc clears', 'dim')],
    priority: 0,
  };
  const parts = keys.map(({ key, does, priority }) => ({
    line: [span(key, 'strong'), span(` ${does}`, 'dim')],
    priority,
  }));
  return joinParts(filter === '' ? parts : [active, ...parts], width);
}
