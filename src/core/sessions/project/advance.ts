import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';
import { historyLength } from '../steering.ts';
import { wantsExtension } from './extension.ts';
import { endProject } from './project-end.ts';
import type { ProjectSegment, ProjectState, Step } from './project-state.ts';
import { requestStart, startStream } from './stream-start.ts';

/**
 * One step on the way by itself; null when nothing is to be done before something comes from outside. Where the new
 * state has a `current` segment, that one is to be made.
 */
export function advance(state: ProjectState, segmentCap: number): Step | null {
  if (state.current) return null;
  if (state.project === 'ending') return endProject(state);
  if (state.project === 'idle') return null;
  if (state.pendingStart) return startStream(state, state.pendingStart, segmentCap);
  if (state.waitingFor !== null) return null;
  if (!state.singleClip && state.completedSegments >= segmentCap) return completeStream(state, 'cap');
  if (state.singleClip && state.clipDone) return completeStream(state, 'clip');
  if (state.paused || state.rewriteHold) return null;
  return nextPrompt(state, segmentCap);
}

function completeStream(state: ProjectState, waitingFor: 'cap' | 'clip'): Step {
  const next: ProjectState = { ...state, streaming: false, waitingFor, extension: { kind: 'none' } };
  return { state: next, frames: [{ type: 'ltx2_stream_complete' }] };
}

/** The first of: the user's ready queue, the next seed prompt, a loop restart, an auto-extension. */
function nextPrompt(state: ProjectState, segmentCap: number): Step | null {
  const [user, ...ready] = state.ready;
  if (user) {
    const { prompt, source, promptId, receivedAt } = user;
    return begin({ ...state, ready }, { prompt, source, promptId, receivedAt });
  }
  const seed = state.seeds[state.seedNext];
  if (seed !== undefined) {
    const seedPromptIndex = state.seedNext;
    const next = { ...state, seedNext: seedPromptIndex + 1 };
    return begin(next, { prompt: seed, source: 'curated', seedPromptIndex });
  }
  if (!state.singleClip && state.toggles.loop && state.seeds.length > 0) {
    return { state: requestStart(state, { reason: 'loop_restart' }), frames: [] };
  }
  // It was written for a session that wanted to be extended.
  if (state.extension.kind === 'ready' && state.toggles.autoExtension && !state.singleClip) {
    const { prompt } = state.extension;
    return begin({ ...state, extension: { kind: 'none' } }, { prompt, source: 'auto_llm' });
  }
  // A prompt is on its way.
  if (state.raw.length > 0 || state.extension.kind === 'asked' || wantsExtension(state, segmentCap))
    return null;
  if (state.sourcesBlocked || state.singleClip) return null;
  const frame = { type: 'prompt_sources_blocked', segment_idx: state.nextSegmentIdx } as const;
  return { state: { ...state, sourcesBlocked: true }, frames: [frame] };
}

function begin(
  state: ProjectState,
  chosen: Pick<ProjectSegment, 'prompt' | 'source' | 'promptId' | 'seedPromptIndex' | 'receivedAt'>,
): Step {
  const segmentIdx = state.nextSegmentIdx;
  const current: ProjectSegment = {
    ...chosen,
    segmentIdx,
    loopIteration: state.loopIteration,
    totalSegments: Math.max(segmentIdx, state.seeds.length),
  };
  const resumed: ProjectServerFrame = {
    type: 'prompt_sources_resumed',
    segment_idx: segmentIdx,
    source: chosen.source,
    ...(chosen.promptId === undefined ? {} : { prompt_id: chosen.promptId }),
  };
  return {
    state: {
      ...state,
      current,
      nextSegmentIdx: segmentIdx + 1,
      history: [...state.history, chosen.prompt].slice(-historyLength),
      sourcesBlocked: false,
    },
    frames: state.sourcesBlocked ? [resumed] : [],
  };
}
