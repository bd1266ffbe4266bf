import type { ReplicaRow } from '../../model/replica-rows.ts';
import { formatMs } from '../../text/format.ts';
import type { Column } from '../../text/table.ts';
import { compareDown, compareIds, type PanelDefinition } from './panel.ts';

const columns: readonly Column<ReplicaRow>[] = [
  {
    title: 'REPLICA',
    min: 12,
    max: 40,
    priority: 1,
    cell: ({ replica }) => ({ text: replica }),
  },
  {
    title: 'STATE',
    min: 9,
    max: 18,
    priority: 2,
    cell: ({ state, stateTone }) => ({ text: state, tone: stateTone }),
  },
  {
    title: 'READY',
    min: 5,
    max: 7,
    priority: 3,
    align: 'right',
    cell: ({ workers }) => ({ text: workers }),
  },
  {
    title: 'SESSIONS',
    min: 8,
    max: 8,
    priority: 5,
    align: 'right',
    cell: ({ sessions }) => ({ text: sessions }),
  },
  { title: 'QUEUE', min: 5, max: 6, priority: 6, align: 'right', cell: ({ queue }) => ({ text: queue }) },
  {
    title: 'LATENCY',
    min: 7,
    max: 9,
    priority: 7,
    align: 'right',
    cell: ({ latencyMs }) => ({ text: latencyMs === undefined ? '' : formatMs(latencyMs) }),
  },
  { title: 'LAST OK', min: 8, max: 8, priority: 8, cell: ({ lastOk }) => ({ text: lastOk }) },
  {
    title: 'FAILED',
    min: 6,
    max: 6,
    priority: 9,
    align: 'right',
    cell: ({ failures }) => ({ text: String(failures), tone: failures > 0 ? 'bad' : 'dim' }),
  },
  {
    title: 'NOTE',
    min: 8,
    max: 200,
    priority: 4,
    cell: ({ primary, note }) => ({
      text: [primary ? 'primary' : '', note].filter((part) => part !== '').join(', '),
      tone: note === '' ? 'dim' : 'warn',
    }),
  },
];

export const replicasPanel: PanelDefinition<ReplicaRow> = {
  id: 'replicas',
  title: 'REPLICAS',
  columns,
  compare: {
    listed: () => 0,
    state: (a, b) => a.urgency - b.urgency || compareIds(a.replica, b.replica),
    latency: (a, b) => compareDown(a.latencyMs, b.latencyMs),
  },
  search: ({ replica, state, note }) => [replica, state, note].join(' '),
  empty: 'no replicas',
};
