import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';
import type { ProjectState, Step } from './project-state.ts';
import { droppedQueues } from './stream-start.ts';

/** The project ends as soon as no segment is being made. */
export function requestProjectEnd(state: ProjectState): ProjectState {
  return { ...state, project: 'ending', rewriteHold: false, pendingStart: null };
}

/** The session has no project any more; its worker stays bound. */
export function endProject(state: ProjectState): Step {
  const idle: ProjectServerFrame = { type: 'project_idle', ...droppedQueues(state) };
  const next: ProjectState = {
    ...state,
    project: 'idle',
    streaming: false,
    paused: false,
    waitingFor: null,
    seeds: [],
    seedNext: 0,
    raw: [],
    ready: [],
    extension: { kind: 'none' },
    sourcesBlocked: false,
    history: [],
    // An answer that is still to come belongs to a stream that is over.
    streams: state.streams + 1,
    completedSegments: 0,
    continuation: null,
  };
  return { state: next, frames: state.streaming ? [{ type: 'ltx2_stream_complete' }, idle] : [idle] };
}
