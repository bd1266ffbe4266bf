import type { WorkerRow } from '../../model/worker-rows.ts';
import { shortId } from '../../text/format.ts';
import type { Cell, Column } from '../../text/table.ts';
import { compareDown, compareIds, type PanelDefinition } from './panel.ts';

const columns: readonly Column<WorkerRow>[] = [
  { title: 'REPLICA', min: 14, max: 32, priority: 4, cell: ({ replica }) => ({ text: replica }) },
  { title: 'GPU', min: 3, max: 8, priority: 1, cell: ({ gpu }) => ({ text: gpu }) },
  {
    title: 'STATE',
    min: 7,
    max: 12,
    priority: 2,
    cell: ({ state, stateTone }) => ({ text: state, tone: stateTone }),
  },
  {
    title: 'SESSION',
    min: 8,
    max: 12,
    priority: 5,
    cell: ({ session, others }) => ({
      text: others > 0 ? `${shortId(session)} +${others}` : shortId(session),
      short: shortId(session),
    }),
  },
  {
    title: 'SEG',
    min: 3,
    max: 6,
    priority: 6,
    align: 'right',
    cell: ({ segment }) => ({ text: segment }),
  },
  { title: 'PROGRESS', min: 10, max: 200, priority: 3, cell: progressCell },
  {
    title: 'MODEL',
    min: 12,
    max: 40,
    priority: 7,
    // Of `organisation/name` the name tells more.
    cell: ({ model }) => ({ text: model, short: model.slice(model.lastIndexOf('/') + 1) }),
  },
  { title: 'WARM-UP', min: 8, max: 10, priority: 9, cell: ({ warmup }) => warmup },
  {
    title: 'RST',
    min: 3,
    max: 5,
    priority: 8,
    align: 'right',
    cell: ({ restarts }) => ({
      text: restarts === undefined ? '' : String(restarts),
      tone: restarts ? 'warn' : 'dim',
    }),
  },
];

/** A worker that makes a segment shows how far it is, a broken one why: never both, so they share a column. */
function progressCell({ progress, error, stateTone }: WorkerRow): Cell {
  if (progress) return { text: progress.text, bar: progress };
  return { text: error, tone: stateTone === 'bad' ? 'bad' : 'warn' };
}

const doneShare = ({ progress }: WorkerRow) => progress && progress.done / progress.total;

export const workersPanel: PanelDefinition<WorkerRow> = {
  id: 'workers',
  title: 'WORKERS',
  columns,
  compare: {
    gpu: (a, b) => compareIds(a.replica, b.replica) || compareIds(a.gpu, b.gpu),
    state: (a, b) => a.urgency - b.urgency,
    progress: (a, b) => compareDown(doneShare(a), doneShare(b)),
    restarts: (a, b) => compareDown(a.restarts, b.restarts),
  },
  search: (row) =>
    [row.replica, `gpu${row.gpu}`, row.state, row.session, row.model, row.error, row.warmup.text].join(' '),
  empty: 'no workers',
};
