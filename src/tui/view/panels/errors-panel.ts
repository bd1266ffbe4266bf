import type { ErrorRow } from '../../model/error-rows.ts';
import { shortId } from '../../text/format.ts';
import type { Column } from '../../text/table.ts';
import { compareIds, type PanelDefinition } from './panel.ts';

const columns: readonly Column<ErrorRow>[] = [
  { title: 'TIME', min: 8, max: 8, priority: 3, cell: ({ time }) => ({ text: time, tone: 'dim' }) },
  { title: 'CODE', min: 8, max: 18, priority: 1, cell: ({ code }) => ({ text: code, tone: 'bad' }) },
  { title: 'REPLICA', min: 14, max: 32, priority: 5, cell: ({ replica }) => ({ text: replica }) },
  { title: 'SESSION', min: 8, max: 12, priority: 4, cell: ({ session }) => ({ text: shortId(session) }) },
  { title: 'MESSAGE', min: 12, max: 400, priority: 2, cell: ({ message }) => ({ text: message }) },
];

export const errorsPanel: PanelDefinition<ErrorRow> = {
  id: 'errors',
  title: 'RECENT ERRORS',
  columns,
  compare: {
    newest: (a, b) => b.atMs - a.atMs,
    code: (a, b) => compareIds(a.code, b.code),
  },
  search: (row) => [row.replica, row.code, row.session, row.message].join(' '),
  empty: 'no errors',
};
