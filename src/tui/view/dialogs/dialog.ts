import type { DashboardState } from '../../state/dashboard-state.ts';
import { cutLine, type Line } from '../../text/line.ts';
import type { Size } from '../size.ts';
import { drainQuestion } from './drain-question.ts';
import { helpLines } from './help.ts';

/** A text that stands in the middle of the screen in place of the lists. */
export interface Dialog {
  readonly title: string;
  /** Those that are shown. */
  readonly lines: readonly Line[];
  /** Lines that there are, and how many of them are shown. */
  readonly rows: number;
  readonly shown: number;
  /** Whether there is room for a frame and the title. */
  readonly framed: boolean;
  /** Columns for the text. */
  readonly width: number;
}

const widest = 66;
/** The border with a space beside it, left and right. */
export const frameColumns = 4;
/** The border above and below, and the title. */
const frameRows = 3;
/** Lines of text below which a frame would take more than it leaves. */
const fewestFramed = 3;

/** The dialog that is open, laid out for its room. */
export function dialogOf({ ui, label }: DashboardState, room: Size): Dialog | undefined {
  if (ui.mode !== 'help' && ui.mode !== 'drain') return undefined;
  const framed = room.rows >= frameRows + fewestFramed && room.columns > 2 * frameColumns;
  const width = Math.max(1, Math.min(room.columns, widest) - (framed ? frameColumns : 0));
  const { title, lines } =
    ui.mode === 'help'
      ? { title: 'Keys', lines: helpLines(width) }
      : { title: 'Drain this server?', lines: drainQuestion(label, width) };
  const shown = Math.max(0, Math.min(lines.length, room.rows - (framed ? frameRows : 0)));
  const from = Math.min(ui.dialogOffset, lines.length - shown);
  const below = lines.length - from - shown;
  const more = `${from > 0 ? ` ↑${from}` : ''}${below > 0 ? ` ↓${below}` : ''}`;
  return {
    title: title + more,
    lines: lines.slice(from, from + shown).map((line) => cutLine(line, width)),
    rows: lines.length,
    shown,
    framed,
    width,
  };
}
