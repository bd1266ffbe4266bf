import type { StreamMode } from '../generators/generator.ts';
import type { Timeline } from '../media/timeline.ts';
import { timelineStart } from '../media/timeline.ts';
import type { ContinuationState } from '../protocol/continuation-state.ts';
import type { PromptSource } from '../protocol/native/common.ts';
import { checkTransition, type SessionPhase } from './phase.ts';

/** What a client set about one segment. */
export interface SegmentPrompt {
  readonly prompt: string;
  readonly source: PromptSource;
  readonly negativePrompt?: string;
  readonly seed?: number;
  readonly numInferenceSteps?: number;
  readonly guidanceScale?: number;
  /** When the request came, in milliseconds of the process's monotonic clock. */
  readonly requestedAt: number;
}

export interface SessionToggles {
  readonly enhancement: boolean;
  readonly autoExtension: boolean;
  readonly loop: boolean;
}

/** All that a session is; the steps below make the next one out of it. */
export interface Session {
  readonly id: string;
  readonly phase: SessionPhase;
  readonly preset?: string;
  readonly streamMode: StreamMode;
  readonly toggles: SessionToggles;
  readonly singleClip: boolean;
  readonly paused: boolean;
  readonly curatedPrompts: readonly string[];
  /** Which curated prompt the server would take next by itself. */
  readonly curatedNext: number;
  /** Requests in the order in which they came. */
  readonly waiting: readonly SegmentPrompt[];
  /** The index that the next segment gets; each accepted request gets its own. */
  readonly nextSegmentIdx: number;
  /** Index of the segment that is being made. */
  readonly currentSegmentIdx: number | null;
  /** Segments that came to their end; these count against the cap. */
  readonly completedSegments: number;
  readonly continuation: ContinuationState | null;
  readonly timeline: Timeline;
  /** Milliseconds of media before the next segment. */
  readonly ptsBaseMs: number;
}

export interface SessionOpening {
  readonly id: string;
  readonly preset?: string;
  readonly streamMode: StreamMode;
  readonly toggles: SessionToggles;
  readonly singleClip: boolean;
  readonly curatedPrompts: readonly string[];
  readonly continuation: ContinuationState | null;
}

export function openSession(opening: SessionOpening): Session {
  return {
    ...opening,
    phase: 'INITIALIZING',
    paused: false,
    curatedNext: 0,
    waiting: [],
    nextSegmentIdx: 0,
    currentSegmentIdx: null,
    completedSegments: 0,
    timeline: timelineStart,
    ptsBaseMs: 0,
  };
}

/** The same session at the start of another connection; requests that waited went with the old one. */
export function reopened(session: Session): Session {
  return { ...session, phase: 'INITIALIZING', waiting: [], currentSegmentIdx: null };
}

/** Throws `internal_error` when the contract does not know the way. */
export function enterPhase(session: Session, phase: SessionPhase): Session {
  checkTransition(session.phase, phase);
  return { ...session, phase };
}

export function setToggle(session: Session, toggle: keyof SessionToggles, enabled: boolean): Session {
  return { ...session, toggles: { ...session.toggles, [toggle]: enabled } };
}

/** The server walks the new prompts from the first one. */
export function replaceCuratedPrompts(session: Session, prompts: readonly string[]): Session {
  return { ...session, curatedPrompts: withoutBlank(prompts), curatedNext: 0 };
}

export function withoutBlank(prompts: readonly string[]): string[] {
  return prompts.filter((prompt) => prompt.trim() !== '');
}

/** Null when `limit` requests wait already. */
export function enqueue(session: Session, request: SegmentPrompt, limit: number): Session | null {
  if (session.waiting.length >= limit) return null;
  return { ...session, waiting: [...session.waiting, request] };
}

/**
 * The next segment to make, if there is one now: the first waiting request, else, with auto-extension or loop on, the
 * next curated prompt. Nothing while a segment is being made, while paused, or before the session is active.
 */
export function takeNext(
  session: Session,
  now: number,
): { readonly session: Session; readonly segmentIdx: number; readonly prompt: SegmentPrompt } | null {
  if (session.phase !== 'ACTIVE' || session.paused || session.currentSegmentIdx !== null) return null;
  const chosen = chooseNext(session, now);
  if (!chosen) return null;
  const segmentIdx = session.nextSegmentIdx;
  return {
    session: { ...chosen.session, nextSegmentIdx: segmentIdx + 1, currentSegmentIdx: segmentIdx },
    segmentIdx,
    prompt: chosen.prompt,
  };
}

function chooseNext(session: Session, now: number): { session: Session; prompt: SegmentPrompt } | null {
  const [first, ...waiting] = session.waiting;
  if (first) return { session: { ...session, waiting }, prompt: first };
  const { toggles, curatedPrompts, curatedNext } = session;
  if (!toggles.loop && !toggles.autoExtension) return null;
  const index = toggles.loop && curatedNext >= curatedPrompts.length ? 0 : curatedNext;
  const prompt = curatedPrompts[index];
  if (prompt === undefined) return null;
  return {
    session: { ...session, curatedNext: index + 1 },
    prompt: { prompt, source: 'curated', requestedAt: now },
  };
}

export interface SegmentOutcome {
  /** Whether the client was told that it begins; otherwise its index is still free. */
  readonly started: boolean;
  readonly completed: boolean;
  /** Where the media that has left ends. */
  readonly timeline: Timeline;
  /** Milliseconds of media that have left. */
  readonly durationMs: number;
  /** The state to go on from, where the generator gave one. */
  readonly continuation?: ContinuationState;
}

export function endSegment(session: Session, outcome: SegmentOutcome): Session {
  return {
    ...session,
    currentSegmentIdx: null,
    nextSegmentIdx: outcome.started
      ? session.nextSegmentIdx
      : (session.currentSegmentIdx ?? session.nextSegmentIdx),
    completedSegments: session.completedSegments + (outcome.completed ? 1 : 0),
    timeline: outcome.timeline,
    ptsBaseMs: session.ptsBaseMs + outcome.durationMs,
    continuation: outcome.continuation ?? session.continuation,
  };
}
