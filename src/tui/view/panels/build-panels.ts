import { errorRows } from '../../model/error-rows.ts';
import type { Fleet } from '../../model/fleet.ts';
import { replicaRows } from '../../model/replica-rows.ts';
import { sessionRows } from '../../model/session-rows.ts';
import { workerRows } from '../../model/worker-rows.ts';
import type { UiState } from '../../state/ui-state.ts';
import { errorsPanel } from './errors-panel.ts';
import { buildPanel, type Panel } from './panel.ts';
import { replicasPanel } from './replicas-panel.ts';
import { sessionsPanel } from './sessions-panel.ts';
import { workersPanel } from './workers-panel.ts';

/** The lists that the server has something for, from the top. */
export function buildPanels(
  fleet: Fleet,
  ui: Pick<UiState, 'filter' | 'sort'>,
  width: number | undefined,
): Panel[] {
  const tells = (field: 'sessions' | 'recent_errors') =>
    fleet.members.some(({ status }) => status[field] !== undefined);
  return [
    ...(fleet.replicas ? [buildPanel(replicasPanel, replicaRows(fleet), ui, width)] : []),
    buildPanel(workersPanel, workerRows(fleet), ui, width),
    ...(tells('sessions') ? [buildPanel(sessionsPanel, sessionRows(fleet), ui, width)] : []),
    ...(tells('recent_errors') ? [buildPanel(errorsPanel, errorRows(fleet), ui, width)] : []),
  ];
}
