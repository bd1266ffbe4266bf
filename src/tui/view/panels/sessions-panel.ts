import type { SessionRow } from '../../model/session-rows.ts';
import { formatDuration, shortId } from '../../text/format.ts';
import type { Column } from '../../text/table.ts';
import { compareDown, compareIds, type PanelDefinition } from './panel.ts';

const columns: readonly Column<SessionRow>[] = [
  { title: 'SESSION', min: 8, max: 16, priority: 1, cell: ({ session }) => ({ text: shortId(session) }) },
  {
    title: 'STATE',
    min: 6,
    max: 12,
    priority: 2,
    cell: ({ state, stateTone }) => ({ text: state, tone: stateTone }),
  },
  { title: 'REPLICA', min: 14, max: 32, priority: 7, cell: ({ replica }) => ({ text: replica }) },
  { title: 'GPU', min: 3, max: 16, priority: 4, cell: ({ gpu }) => ({ text: gpu }) },
  {
    title: 'SEG',
    min: 3,
    max: 6,
    priority: 6,
    align: 'right',
    cell: ({ segment }) => ({ text: segment }),
  },
  {
    title: 'PROGRESS',
    min: 10,
    max: 32,
    priority: 3,
    cell: ({ progress }) => (progress ? { text: progress.text, bar: progress } : { text: '' }),
  },
  {
    title: 'DONE',
    min: 4,
    max: 6,
    priority: 8,
    align: 'right',
    cell: ({ done }) => ({ text: done === undefined ? '' : String(done) }),
  },
  {
    title: 'WAITING',
    min: 7,
    max: 7,
    priority: 9,
    align: 'right',
    cell: ({ waiting }) => ({
      text: waiting === undefined ? '' : String(waiting),
      tone: waiting ? 'plain' : 'dim',
    }),
  },
  {
    title: 'IDLE',
    min: 4,
    max: 8,
    priority: 5,
    align: 'right',
    cell: ({ idleSeconds }) => ({
      text: idleSeconds === undefined || idleSeconds < 1 ? '' : formatDuration(idleSeconds),
    }),
  },
];

export const sessionsPanel: PanelDefinition<SessionRow> = {
  id: 'sessions',
  title: 'SESSIONS',
  columns,
  compare: {
    gpu: (a, b) =>
      compareIds(a.replica, b.replica) ||
      // Those without a worker wait: they come after those that are served, in the order of the queue.
      Number(a.gpu === '') - Number(b.gpu === '') ||
      compareIds(a.gpu, b.gpu),
    state: (a, b) => a.urgency - b.urgency,
    idle: (a, b) => compareDown(a.idleSeconds, b.idleSeconds),
    waiting: (a, b) => compareDown(a.waiting, b.waiting),
  },
  search: (row) => [row.replica, row.session, row.state, row.gpu && `gpu${row.gpu}`].join(' '),
  empty: 'no sessions',
};
