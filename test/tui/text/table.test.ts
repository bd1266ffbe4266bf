import { describe, expect, it } from 'vitest';
import { lineText, lineWidth } from '../../../src/tui/text/line.ts';
import { type Column, layoutTable } from '../../../src/tui/text/table.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly done?: number;
}

const columns: readonly Column<Row>[] = [
  { title: 'ID', min: 2, max: 8, priority: 1, cell: ({ id }) => ({ text: id }) },
  {
    title: 'NAME',
    min: 6,
    max: 40,
    priority: 3,
    cell: ({ name }) => ({ text: name, short: name.slice(name.lastIndexOf('/') + 1) }),
  },
  {
    title: 'DONE',
    min: 5,
    max: 40,
    priority: 2,
    cell: ({ done }) =>
      done === undefined ? { text: '' } : { text: `${done}/50`, bar: { done, total: 50 } },
  },
];
const rows: readonly Row[] = [
  { id: '0', name: 'organisation/model', done: 25 },
  { id: '10', name: '組織/名前' },
];

const text = (width: number | undefined) => {
  const { header, lines } = layoutTable(columns, rows, width);
  return [header, ...lines].map((line) => lineText(line).trimEnd());
};

describe('layoutTable', () => {
  it('aligns its columns and draws bars where there is room', () => {
    expect(text(60)).toEqual([
      'ID  NAME                DONE',
      '0   organisation/model  ━━━━━━━━━━━━──────────── 25/50',
      '10  組織/名前',
    ]);
  });

  it('takes the short text of a cell before it cuts one', () => {
    expect(text(30)).toEqual(
      ['ID  NAME    DONE', '0   model   ━━━━━━──────  25/50', '10  名前'].map((line) =>
        line.replace('  25/50', ' 25/50'),
      ),
    );
  });

  it('drops columns by priority', () => {
    expect(text(12)).toEqual(['ID  DONE', '0   25/50', '10']);
    expect(text(3)).toEqual(['ID', '0', '10']);
  });

  it('cuts nothing and draws no bars without a width', () => {
    expect(text(undefined)).toEqual([
      'ID  NAME                DONE',
      '0   organisation/model  25/50',
      '10  組織/名前',
    ]);
  });

  it('never takes more than its width, and gives all lines the same', () => {
    for (let width = 1; width < 80; width += 1) {
      const { header, lines } = layoutTable(columns, rows, width);
      const widths = [header, ...lines].map(lineWidth);
      expect(Math.max(...widths)).toBeLessThanOrEqual(width);
      expect(new Set(widths).size).toBe(1);
    }
  });

  it('leaves out a column that no row has anything for', () => {
    const { header } = layoutTable(columns, [{ id: '0', name: '' }], 60);
    expect(lineText(header).trimEnd()).toBe('ID');
  });
});
