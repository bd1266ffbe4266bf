import type { FastVideoError } from '../base/errors.ts';
import type { ServerFrame } from '../protocol/native/server-frames.ts';
import {
  changePrompt,
  dropPrompt,
  type OwnPrompt,
  ownWish,
  planAhead,
  rememberEnhanced,
  type SegmentPrompt,
  type Session,
  takeNext,
} from './session.ts';
import type { SessionStep } from './step.ts';

export type NativeStep = SessionStep<Session, ServerFrame>;

/** What can be done for a session's prompts, and how many segments it may have. */
export interface PromptMeans {
  /** Whether somebody enhances and writes prompts. */
  readonly canWrite: boolean;
  readonly segmentCap: number;
}

let nextPromptId = 1;

/** Tells a prompt from the others. */
export function newPromptId(): number {
  return nextPromptId++;
}

export function wantsEnhancement({ toggles }: Session, { canWrite }: Pick<PromptMeans, 'canWrite'>): boolean {
  return canWrite && toggles.enhancement;
}

/** One step on the way by itself: what the server makes next is planned, or the next segment is begun. */
export function advanceSession(session: Session, means: PromptMeans): NativeStep | null {
  const planned = plan(session, means);
  if (planned) return { state: planned, frames: [] };
  const next = takeNext(session);
  return next && { state: next.session, frames: [] };
}

/** What the server makes next by itself is thought of while the segment before it is made. */
function plan(session: Session, means: PromptMeans): Session | null {
  const { ahead, completedSegments, current } = session;
  // It came with a checkpoint, and here nobody writes prompts.
  if (ahead && !ahead.ready && ahead.curatedIndex === null && !means.canWrite) {
    return dropPrompt(session, ahead.id);
  }
  const begun = completedSegments + (current === null ? 0 : 1);
  const wish = begun < means.segmentCap ? ownWish(session) : null;
  if (!wish) return null;
  const common = { id: newPromptId(), requestedAt: performance.now() };
  if (wish.kind === 'curated') {
    const enhances = wantsEnhancement(session, means);
    const known = session.enhanced.get(wish.prompt);
    const prompt = enhances ? (known ?? wish.prompt) : wish.prompt;
    const ready = known !== undefined || !enhances;
    return planAhead(session, { ...common, prompt, source: 'curated', curatedIndex: wish.index, ready });
  }
  if (!means.canWrite || session.writingFailed) return null;
  const after = session.history;
  const known = session.written?.after === after ? session.written.prompt : undefined;
  return planAhead(session, {
    ...common,
    prompt: known ?? '',
    source: 'auto_extension',
    curatedIndex: null,
    after,
    ready: known !== undefined,
  });
}

/** It may be made as it is. */
export function promptReady(session: Session, id: number): NativeStep {
  return { state: changePrompt(session, id, { ready: true }), frames: [] };
}

/** It may not be made. */
export function promptRefused(session: Session, id: number, error: FastVideoError): NativeStep {
  return { state: dropPrompt(session, id), frames: [error] };
}

/** The index of the segment that the client is told a prompt is enhanced for: its own when all before it are made. */
export function enhancedFor({ waiting, nextSegmentIdx }: Session, prompt: SegmentPrompt): number {
  const place = waiting.findIndex(({ id }) => id === prompt.id);
  return prompt.enhancingFor ?? nextSegmentIdx + Math.max(0, place);
}

/** It is being enhanced. The client was told before when that had begun elsewhere. */
export function enhancingBegun(session: Session, prompt: SegmentPrompt): NativeStep {
  if (prompt.enhancingFor !== undefined) return { state: session, frames: [] };
  const enhancingFor = enhancedFor(session, prompt);
  const { source, prompt: words } = prompt;
  return {
    state: changePrompt(session, prompt.id, { enhancingFor }),
    frames: [{ type: 'prompt_enhancing', segment_idx: enhancingFor, source, prompt: words }],
  };
}

/** The better words, or why the user's own have to do. */
export type Enhancement =
  | {
      readonly better: string;
      readonly provider: string;
      readonly model: string;
      readonly latencyMs: number;
    }
  | { readonly better: undefined; readonly error: string; readonly latencyMs: number };

export function enhancingEnded(
  session: Session,
  prompt: SegmentPrompt | OwnPrompt,
  segmentIdx: number,
  answer: Enhancement,
): NativeStep {
  const { source, prompt: words } = prompt;
  const common = { segment_idx: segmentIdx, source, latency_ms: answer.latencyMs };
  const frame: ServerFrame =
    answer.better === undefined
      ? { type: 'prompt_fallback_used', ...common, prompt: words, error: answer.error }
      : {
          type: 'prompt_ready',
          ...common,
          prompt: answer.better,
          provider: answer.provider,
          model: answer.model,
        };
  const state =
    'curatedIndex' in prompt
      ? curatedEnhanced(session, words, answer.better)
      : changePrompt(
          session,
          prompt.id,
          answer.better === undefined
            ? { ready: true }
            : { ready: true, prompt: answer.better, source: 'enhanced' },
        );
  return { state, frames: [frame] };
}

/** The plan may be another one by now: what counts is that it waits for these words. */
function curatedEnhanced(session: Session, words: string, better: string | undefined): Session {
  const next = better === undefined ? session : rememberEnhanced(session, words, better);
  const { ahead } = next;
  if (!ahead || ahead.ready || ahead.curatedIndex === null || ahead.prompt !== words) return next;
  return changePrompt(next, ahead.id, { ready: true, prompt: better ?? words });
}

/** A model wrote the prompt that follows these. */
export function extensionWritten(session: Session, after: readonly string[], prompt: string): NativeStep {
  const next: Session = { ...session, written: { after, prompt } };
  const { ahead } = next;
  if (!isWaitingFor(next, ahead, after)) return { state: next, frames: [] };
  return {
    state: changePrompt(next, ahead.id, { ready: true, prompt, requestedAt: performance.now() }),
    frames: [],
  };
}

/** Nobody could write it: tried again when something has changed. */
export function extensionFailed(
  session: Session,
  after: readonly string[],
  error: FastVideoError,
): NativeStep {
  const { ahead } = session;
  const next = isWaitingFor(session, ahead, after) ? dropPrompt(session, ahead.id) : session;
  return { state: { ...next, writingFailed: true }, frames: [error] };
}

function isWaitingFor(
  { history }: Session,
  ahead: OwnPrompt | null,
  after: readonly string[],
): ahead is OwnPrompt {
  if (ahead === null || ahead.ready || ahead.curatedIndex !== null) return false;
  return (ahead.after ?? history) === after;
}

/** Requests that will not be made any more get their answer: none vanishes. */
export function refuseWaiting(
  session: Session,
  refusal: (prompt: string) => ServerFrame | FastVideoError,
): NativeStep {
  const frames = session.waiting.map(({ prompt }) =>
    refusal(prompt.length > 60 ? `${prompt.slice(0, 57)}...` : prompt),
  );
  return { state: { ...session, waiting: [] }, frames };
}
