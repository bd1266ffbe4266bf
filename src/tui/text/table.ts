import { type Line, lineWidth, type Span, span, type Tone } from './line.ts';
import { fitText, textWidth } from './text-width.ts';

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
  /** What is shown where `text` does not fit. */
  readonly short?: string;
  /** How much is done: drawn as a bar before the text where there is room. */
  readonly bar?: { readonly done: number; readonly total: number };
}

export interface Column<Row> {
  readonly title: string;
  /** The narrowest that is worth showing. */
  readonly min: number;
  /** The widest that is useful. */
  readonly max: number;
  /** 1 stays longest when the columns do not fit, and is widened first. */
  readonly priority: number;
  readonly align?: 'right';
  cell(row: Row): Cell;
}

export interface Table {
  readonly header: Line;
  readonly lines: readonly Line[];
}

const gap = 2;
const longestBar = 24;
const readable = 20;

/** The rows as lines of at most `width` columns, or, without a width, as wide as they are and without bars. */
export function layoutTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | undefined,
): Table {
  const grid = columns
    .map((column) => ({ column, cells: rows.map((row) => column.cell(row)) }))
    // A column that no row has anything to say in is not worth its place.
    .filter(({ cells }) => cells.length === 0 || cells.some(({ text }) => text !== ''));
  const ideals = grid.map(({ column, cells }) => idealWidth(column, cells, width !== undefined));
  const widths = width === undefined ? ideals : shareWidth(grid, ideals, width);
  const shown = grid.flatMap(({ column, cells }, index) => {
    const columnWidth = widths[index] ?? 0;
    return columnWidth > 0 ? [{ column, cells, columnWidth }] : [];
  });
  const join = (parts: readonly Line[]) =>
    parts.flatMap((part, index) => (index === 0 ? part : [span(' '.repeat(gap)), ...part]));
  return {
    header: join(
      shown.map(({ column, columnWidth }) => [span(fitText(column.title, columnWidth, column.align), 'dim')]),
    ),
    lines: rows.map((_, row) =>
      join(
        shown.map(({ column, cells, columnWidth }) =>
          drawCell(cells[row] ?? { text: '' }, columnWidth, column.align, width !== undefined),
        ),
      ),
    ),
  };
}

function idealWidth<Row>(column: Column<Row>, cells: readonly Cell[], bars: boolean): number {
  const widest = Math.max(
    textWidth(column.title),
    ...cells.map(({ text, bar }) => textWidth(text) + (bar && bars ? longestBar + 1 : 0)),
  );
  return bars ? Math.min(column.max, widest) : widest;
}

/** Drops columns by priority until the narrowest fit, then widens by priority; 0 is a column that was dropped. */
function shareWidth<Row>(
  grid: readonly { readonly column: Column<Row> }[],
  ideals: readonly number[],
  width: number,
): readonly number[] {
  const kept = grid.map(({ column }, index) => ({
    index,
    priority: column.priority,
    ideal: ideals[index] ?? 0,
    width: Math.min(column.min, ideals[index] ?? 0),
  }));
  kept.sort((a, b) => a.priority - b.priority);
  const total = () => kept.reduce((sum, column) => sum + column.width + gap, -gap);
  while (kept.length > 1 && total() > width) kept.pop();
  // First what each needs to be read, so that one long text does not starve the rest; then what is left.
  for (const enough of [readable, Number.POSITIVE_INFINITY]) {
    for (const column of kept) {
      const wanted = Math.min(column.ideal, enough) - column.width;
      column.width += Math.max(0, Math.min(wanted, width - total()));
    }
  }
  const [first] = kept;
  if (first) first.width = Math.min(first.width, width);
  return ideals.map((_, index) => kept.find((column) => column.index === index)?.width ?? 0);
}

function drawCell(
  { text, short, tone = 'plain', bar }: Cell,
  width: number,
  align: 'right' | undefined,
  bars: boolean,
): Line {
  const room = Math.min(longestBar, width - textWidth(text) - 1);
  if (!bar || !bars || room < 4) {
    const fitting = short !== undefined && textWidth(text) > width ? short : text;
    return [span(fitText(fitting, width, align), text === '' ? 'plain' : tone)];
  }
  const drawn: Span[] = [...drawBar(bar.done, bar.total, room), span(` ${text}`)];
  return [...drawn, span(' '.repeat(Math.max(0, width - lineWidth(drawn))))];
}

function drawBar(done: number, total: number, width: number): Span[] {
  const filled = total === 0 ? 0 : Math.min(width, Math.floor((done / total) * width));
  return [span('━'.repeat(filled), 'good'), span('─'.repeat(width - filled), 'dim')];
}
