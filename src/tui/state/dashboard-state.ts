import { errorMessage } from '../../core/base/errors.ts';
import { type Fleet, readFleet } from '../model/fleet.ts';
import { addGap, addSample, emptyHistory, type History } from '../model/history.ts';
import type { ReplicaStatus, RouterStatus } from '../source/status-reading.ts';
import { cleanText } from '../text/clean-text.ts';
import { initialUi, type UiState } from './ui-state.ts';

/** All that a picture is made of. */
export interface DashboardState {
  readonly label: string;
  /** The last status that came. */
  readonly fleet: Fleet | undefined;
  readonly history: History;
  /** Set while the server cannot be read. */
  readonly problem: { readonly sinceMs: number; readonly text: string } | undefined;
  readonly ui: UiState;
}

export function initialState(label: string): DashboardState {
  return {
    label: cleanText(label),
    fleet: undefined,
    history: emptyHistory,
    problem: undefined,
    ui: initialUi,
  };
}

export function withStatus(
  state: DashboardState,
  status: ReplicaStatus | RouterStatus,
  atMs: number,
): DashboardState {
  const fleet = readFleet(status);
  // A router's first list is the one that it is opened for.
  const focus = state.fleet || !fleet.replicas ? state.ui.focus : 'replicas';
  const history = addSample(state.history, fleet, atMs);
  return { ...state, fleet, history, problem: undefined, ui: { ...state.ui, focus } };
}

export function withProblem(state: DashboardState, error: unknown, atMs: number): DashboardState {
  const sinceMs = state.problem?.sinceMs ?? atMs;
  const text = cleanText(errorMessage(error));
  const history = addGap(state.history);
  if (history === state.history && text === state.problem?.text) return state;
  return { ...state, history, problem: { sinceMs, text } };
}
