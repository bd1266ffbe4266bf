import type { VideoShape } from '../base/video-shapes.ts';
import type { AdapterSelection } from '../generators/adapters/selection.ts';
import type { StreamMode } from '../generators/generator.ts';
import type { Timeline } from '../media/timeline.ts';
import { timelineStart } from '../media/timeline.ts';
import type { ContinuationState } from '../protocol/continuation-state.ts';
import type { PromptSource } from '../protocol/native/common.ts';
import type { SegmentOutcome } from './segment-outcome.ts';
import { historyLength, noSteering, type Steering } from './steering.ts';

/** What a client set about one segment. */
export interface SegmentPrompt {
  /** Tells it from the others while it waits. */
  readonly id: number;
  readonly prompt: string;
  readonly source: PromptSource;
  readonly negativePrompt?: string;
  readonly seed?: number;
  readonly numInferenceSteps?: number;
  readonly guidanceScale?: number;
  /** When the request came, in milliseconds of the process's monotonic clock. */
  readonly requestedAt: number;
  /** Whether it may be made: checked and, where asked for, enhanced. What waits behind it keeps its place. */
  readonly ready: boolean;
  /** The index of the segment that the client was told it is being enhanced for; unset: it was told nothing. */
  readonly enhancingFor?: number;
}

/** A prompt that nobody asked for: the server goes on by itself. */
export interface OwnPrompt extends SegmentPrompt {
  /** Which curated prompt it is; null for one that a model wrote. */
  readonly curatedIndex: number | null;
  /** For one that a model writes: the prompts that it goes on from; unset: those made so far. */
  readonly after?: readonly string[];
}

/** The running segment. */
export interface CurrentSegment {
  readonly segmentIdx: number;
  readonly streamId: string;
  readonly prompt: SegmentPrompt;
  /** The client wants it to end. */
  readonly cancelled: boolean;
}

/** A rewrite of the curated prompts that runs. */
export interface RunningRewrite {
  readonly prompts: readonly string[];
  readonly count: number;
  readonly instruction?: string;
}

export interface SessionToggles {
  readonly enhancement: boolean;
  readonly autoExtension: boolean;
  readonly loop: boolean;
}

/** All that a session is; the steps below make the next one out of it. */
export interface Session {
  readonly id: string;
  readonly preset?: string;
  readonly streamMode: StreamMode;
  readonly toggles: SessionToggles;
  readonly singleClip: boolean;
  /** Media is made no faster than it plays. */
  readonly realtime: boolean;
  /** What the client chose; unset: as the server has it. */
  readonly adapters?: AdapterSelection;
  readonly shape?: VideoShape;
  readonly paused: boolean;
  readonly curatedPrompts: readonly string[];
  /** Which curated prompt the server would take next by itself. */
  readonly curatedNext: number;
  /** Requests in the order in which they came. */
  readonly waiting: readonly SegmentPrompt[];
  /** What the server makes next by itself, when no request waits. */
  readonly ahead: OwnPrompt | null;
  /** The last prompts that were begun, the oldest first: what an auto-extension goes on from. */
  readonly history: readonly string[];
  /** The index that the next segment gets; each accepted request gets its own. */
  readonly nextSegmentIdx: number;
  readonly current: CurrentSegment | null;
  readonly steering: Steering;
  readonly rewrite: RunningRewrite | null;
  /** Enhanced curated prompts, by the words they were: a loop asks once. */
  readonly enhanced: ReadonlyMap<string, string>;
  /** What a model wrote after these prompts: asked for again, it is not written again. */
  readonly written: { readonly after: readonly string[]; readonly prompt: string } | null;
  /** Nobody could write the next prompt; tried again when something has changed. */
  readonly writingFailed: boolean;
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
  readonly realtime?: boolean;
  readonly adapters?: AdapterSelection;
  readonly shape?: VideoShape;
  readonly curatedPrompts: readonly string[];
  readonly continuation: ContinuationState | null;
}

/** What belongs to one connection. */
export const nothingRuns = {
  current: null,
  steering: noSteering,
  rewrite: null,
  enhanced: new Map<string, string>(),
  written: null,
  writingFailed: false,
} as const;

export function openSession(opening: SessionOpening): Session {
  return {
    realtime: false,
    ...opening,
    paused: false,
    curatedNext: 0,
    waiting: [],
    ahead: null,
    history: [],
    nextSegmentIdx: 0,
    ...nothingRuns,
    completedSegments: 0,
    timeline: timelineStart,
    ptsBaseMs: 0,
  };
}

/** The same session at the start of another connection; requests that waited went with the old one. */
export function reopened(session: Session): Session {
  return { ...session, waiting: [], ahead: null, ...nothingRuns };
}

export function setToggle(session: Session, toggle: keyof SessionToggles, enabled: boolean): Session {
  const toggles = { ...session.toggles, [toggle]: enabled };
  return {
    ...session,
    toggles,
    ahead: toggles.loop || toggles.autoExtension ? session.ahead : null,
    writingFailed: session.writingFailed && toggle === 'enhancement',
  };
}

/** The server walks the new prompts from the first one. */
export function replaceCuratedPrompts(session: Session, prompts: readonly string[]): Session {
  return { ...session, curatedPrompts: withoutBlank(prompts), curatedNext: 0, ahead: null };
}

export function withoutBlank(prompts: readonly string[]): string[] {
  return prompts.filter((prompt) => prompt.trim() !== '');
}

/** Null when `limit` requests wait already. */
export function enqueue(session: Session, request: SegmentPrompt, limit: number): Session | null {
  if (session.waiting.length >= limit) return null;
  return { ...session, waiting: [...session.waiting, request], writingFailed: false };
}

/** Changes a prompt that waits; nothing happens when it does not wait any more. */
export function changePrompt(session: Session, id: number, change: Partial<SegmentPrompt>): Session {
  const changed = <Prompt extends SegmentPrompt>(prompt: Prompt): Prompt =>
    prompt.id === id ? { ...prompt, ...change } : prompt;
  return {
    ...session,
    waiting: session.waiting.map(changed),
    ahead: session.ahead && changed(session.ahead),
  };
}

/** Better words that a session remembers at most; the oldest are forgotten. */
const mostEnhanced = 1024;

/** The server's own next prompt was enhanced; the same words are not enhanced again. */
export function rememberEnhanced(session: Session, words: string, better: string): Session {
  const others = [...session.enhanced].filter(([known]) => known !== words);
  return { ...session, enhanced: new Map([...others, [words, better] as const].slice(-mostEnhanced)) };
}

/** Takes a prompt out of those that wait. */
export function dropPrompt(session: Session, id: number): Session {
  return {
    ...session,
    waiting: session.waiting.filter((prompt) => prompt.id !== id),
    ahead: session.ahead?.id === id ? null : session.ahead,
  };
}

/** What the server would make next by itself, when it is to go on and nothing else is there to be made. */
export type OwnWish =
  | { readonly kind: 'curated'; readonly index: number; readonly prompt: string }
  | { readonly kind: 'written' };

export function ownWish(session: Session): OwnWish | null {
  const { toggles, curatedPrompts, curatedNext } = session;
  if (session.paused || session.ahead || session.waiting.length > 0) return null;
  if (!toggles.loop && !toggles.autoExtension) return null;
  const index = toggles.loop && curatedNext >= curatedPrompts.length ? 0 : curatedNext;
  const prompt = curatedPrompts[index];
  if (prompt !== undefined) return { kind: 'curated', index, prompt };
  return toggles.autoExtension && session.history.length > 0 ? { kind: 'written' } : null;
}

/** The server is to make this one next. */
export function planAhead(session: Session, ahead: OwnPrompt): Session {
  return { ...session, ahead };
}

/**
 * The next segment to make, if there is one now: the first waiting request, else what the server has planned. Nothing
 * while a segment is being made, while paused, and before the prompt is ready.
 */
export function takeNext(
  session: Session,
): { readonly session: Session; readonly segment: CurrentSegment } | null {
  if (session.paused || session.current !== null) return null;
  const chosen = chooseNext(session);
  if (!chosen) return null;
  const segmentIdx = session.nextSegmentIdx;
  const { prompt } = chosen;
  const segment = { segmentIdx, streamId: `${session.id}-${segmentIdx}`, prompt, cancelled: false };
  return {
    session: {
      ...chosen.session,
      history: [...session.history, prompt.prompt].slice(-historyLength),
      nextSegmentIdx: segmentIdx + 1,
      current: segment,
    },
    segment,
  };
}

/** The segment that is being made is to end. Null when there is none, or that was asked before. */
export function cancelCurrent(session: Session): Session | null {
  const { current } = session;
  return current && !current.cancelled ? { ...session, current: { ...current, cancelled: true } } : null;
}

function chooseNext(session: Session): { session: Session; prompt: SegmentPrompt } | null {
  const [first, ...waiting] = session.waiting;
  if (first) return first.ready ? { session: { ...session, waiting }, prompt: first } : null;
  const { ahead } = session;
  if (!ahead?.ready) return null;
  const curatedNext = ahead.curatedIndex === null ? session.curatedNext : ahead.curatedIndex + 1;
  return { session: { ...session, ahead: null, curatedNext }, prompt: ahead };
}

export function endSegment(session: Session, outcome: SegmentOutcome): Session {
  return {
    ...session,
    current: null,
    steering: noSteering,
    nextSegmentIdx: outcome.started
      ? session.nextSegmentIdx
      : (session.current?.segmentIdx ?? session.nextSegmentIdx),
    completedSegments: session.completedSegments + (outcome.completed ? 1 : 0),
    timeline: outcome.timeline,
    ptsBaseMs: session.ptsBaseMs + outcome.durationMs,
    continuation: outcome.continuation ?? session.continuation,
  };
}
