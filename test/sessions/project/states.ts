import { advance } from '../../../src/core/sessions/project/advance.ts';
import {
  openProjectSession,
  type ProjectOpening,
  type ProjectRewriteWish,
  type ProjectState,
  type RawPrompt,
  type Step,
} from '../../../src/core/sessions/project/project-state.ts';
import { endSegment } from '../../../src/core/sessions/project/segment-steps.ts';

export const cap = 6;

/** A session that has just opened; nothing was done yet. */
export function opened(opening: Partial<ProjectOpening> = {}): ProjectState {
  return openProjectSession({
    toggles: { enhancement: true, autoExtension: false, loop: false },
    singleClip: false,
    realtime: false,
    seeds: [],
    rewriteSettings: {},
    ...opening,
  });
}

export const off = { enhancement: false, autoExtension: false, loop: false };

/** Does all that is done by itself; the frames on the way are gathered. */
export function settle(from: ProjectState | Step, segmentCap = cap): Step {
  const begun: Step = 'state' in from ? from : { state: from, frames: [] };
  const frames = [...begun.frames];
  let { state } = begun;
  for (let step = advance(state, segmentCap); step; step = advance(state, segmentCap)) {
    frames.push(...step.frames);
    state = step.state;
  }
  return { state, frames };
}

/** The running segment comes to its end, and what follows is done. */
export function finish(
  state: ProjectState,
  { completed = true, segmentCap = cap }: { readonly completed?: boolean; readonly segmentCap?: number } = {},
): Step {
  const timeline = { videoFrames: state.timeline.videoFrames + 10 };
  const continuation = { kind: 'test', payload: { after: state.current?.prompt ?? null } };
  return settle(
    endSegment(state, { started: true, completed, timeline, ...(completed ? { continuation } : {}) }),
    segmentCap,
  );
}

export function types({ frames }: Step): string[] {
  return frames.map(({ type }) => type);
}

let key = 0;

export function raw(prompt: string, promptId = prompt): RawPrompt {
  key += 1;
  return { key, promptId, prompt, receivedAt: 0 };
}

/** A rewrite that a client asked for. */
export function wish(model = 'm'): ProjectRewriteWish {
  return { by: 'client', prompts: ['one'], count: 1, anew: false, settings: { model } };
}
