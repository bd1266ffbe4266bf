import type { PanelId } from '../../state/ui-state.ts';
import { sortOrders, type UiState } from '../../state/ui-state.ts';
import type { Line } from '../../text/line.ts';
import { type Column, layoutTable } from '../../text/table.ts';

/** A list, laid out for a width, before it is known how many of its rows fit. */
export interface Panel {
  readonly id: PanelId;
  readonly title: string;
  /** Rows that the filter left, and all there are. */
  readonly matching: number;
  readonly total: number;
  readonly sort: string;
  readonly header: Line;
  readonly lines: readonly Line[];
  /** Said in place of rows. */
  readonly empty: string;
}

/** What makes a list out of rows. */
export interface PanelDefinition<Row> {
  readonly id: PanelId;
  readonly title: string;
  readonly columns: readonly Column<Row>[];
  /** By each order of `sortOrders`; ties stay as the first order has them. */
  readonly compare: Readonly<Record<string, (a: Row, b: Row) => number>>;
  /** The text that the filter looks in. */
  search(row: Row): string;
  readonly empty: string;
}

/** The rows that the filter leaves, in the order asked for, as wide as `width` or as wide as they are. */
export function buildPanel<Row>(
  definition: PanelDefinition<Row>,
  rows: readonly Row[],
  { filter, sort }: Pick<UiState, 'filter' | 'sort'>,
  width: number | undefined,
): Panel {
  const { id, title, columns, compare, empty } = definition;
  const orders: readonly string[] = sortOrders[id];
  const order = orders[sort[id]] ?? orders[0] ?? '';
  const needle = filter.toLowerCase();
  const left = rows.filter((row) => definition.search(row).toLowerCase().includes(needle));
  const first = compare[orders[0] ?? ''] ?? (() => 0);
  const by = compare[order] ?? first;
  left.sort((a, b) => by(a, b) || first(a, b));
  return {
    id,
    title,
    matching: left.length,
    total: rows.length,
    sort: order,
    ...layoutTable(columns, left, width),
    empty: rows.length > 0 ? `nothing matches "${filter}"` : empty,
  };
}

const collator = new Intl.Collator('en', { numeric: true });

/** Orders ids as people do: `gpu-9` before `gpu-10`. */
export function compareIds(a: string, b: string): number {
  return collator.compare(a, b);
}

/** The larger first; what is not known last. */
export function compareDown(a: number | undefined, b: number | undefined): number {
  return (b ?? -1) - (a ?? -1);
}
