import type { AdapterSelection } from '../../generators/adapters/selection.ts';
import { type Timeline, timelineStart } from '../../media/timeline.ts';
import type { ContinuationState } from '../../protocol/continuation-state.ts';
import type { ProjectPromptSource, ResetReason } from '../../protocol/project/common.ts';
import type { Choices, CreationConfig } from '../../protocol/project/creation.ts';
import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';
import { noSteering, type Steering } from '../steering.ts';

/** A prompt of the user that is not ready to be made: it is being checked or enhanced. */
export interface RawPrompt {
  /** Tells it from the others; `promptId` is the client's and may come twice. */
  readonly key: number;
  readonly promptId: string;
  readonly prompt: string;
  /** When it came, in milliseconds of the process's monotonic clock. */
  readonly receivedAt: number;
  /** The client was told that it is being enhanced. */
  readonly enhancing?: boolean;
}

export interface ReadyPrompt extends RawPrompt {
  readonly source: 'user_raw' | 'user_enhanced';
}

/** The running segment. */
export interface ProjectSegment {
  /** From 1 in each stream. */
  readonly segmentIdx: number;
  readonly prompt: string;
  readonly source: ProjectPromptSource;
  readonly promptId?: string;
  /** Which seed prompt it is, from 0. */
  readonly seedPromptIndex?: number;
  readonly receivedAt?: number;
  readonly loopIteration: number;
  /** The larger of its index and the number of seed prompts. */
  readonly totalSegments: number;
}

/** A stream that is to start before anything else is made. */
export interface PendingStart {
  /** `init`: the first of a session; `loop_restart`: the loop's turn; else what the client is told. */
  readonly reason: 'init' | 'loop_restart' | ResetReason;
  /** The prompt that `simple_generate` brought. */
  readonly clip?: RawPrompt;
}

/** A prompt written by a model from the earlier ones. `failedAt` is the segment that nobody could write it for. */
export type Extension =
  | { readonly kind: 'none' }
  | { readonly kind: 'asked' }
  | { readonly kind: 'ready'; readonly prompt: string }
  | { readonly kind: 'failed'; readonly failedAt: number };

export interface ProjectToggles {
  readonly enhancement: boolean;
  readonly autoExtension: boolean;
  readonly loop: boolean;
}

/** What the client set about rewrites; unset: as the operator configured it. */
export interface RewriteSettings {
  readonly model?: string;
  readonly temperature?: number;
  /** What the model is told when it rewrites prompts. */
  readonly windowSystemPrompt?: string;
  /** The same for writing prompts from a wish only. */
  readonly userSystemPrompt?: string;
}

/** A rewrite of the seed prompts that runs. */
export interface ProjectRewriteWish {
  /** The first rewrite of a project begins by itself; one that the client asks for takes its place. */
  readonly by: 'server' | 'client';
  readonly prompts: readonly string[];
  readonly count: number;
  /** Whether `prompts` are a wish, and those of the video are yet to be written. */
  readonly anew: boolean;
  readonly instruction?: string;
  readonly settings: {
    /** The one that is asked first; unset where nobody is. */
    readonly model?: string;
    readonly temperature?: number;
    /** In place of the operator's. */
    readonly systemPrompt?: string;
  };
}

/** What a client chose about its video: as it came, and what that comes to here. */
export interface Creation {
  readonly choices: Choices;
  readonly config: CreationConfig;
}

/** What a client says about a project. */
export interface ProjectOpening {
  readonly presetId?: string;
  readonly presetLabel?: string;
  readonly toggles: ProjectToggles;
  readonly singleClip: boolean;
  /** Media is made no faster than it plays. */
  readonly realtime: boolean;
  /** None is blank. */
  readonly seeds: readonly string[];
  /** With it, no seed prompt and not in single-clip mode the first stream waits for a rewrite. */
  readonly rolloutPrompt?: string;
  readonly rewriteSettings: RewriteSettings;
  /** Unset: all is as the operator has it. */
  readonly creation?: Creation;
  /** What the client chose; unset: as the server has it. */
  readonly adapters?: AdapterSelection;
}

/** All that a session of the project dialect is; the steps make the next one out of it. */
export interface ProjectState extends ProjectOpening {
  /** `ending`: as soon as no segment is being made; `idle`: between two projects. */
  readonly project: 'active' | 'ending' | 'idle';
  readonly paused: boolean;
  /** Nothing is made until: the first rewrite, a rewrite or restart after the cap, the next `simple_generate`. */
  readonly waitingFor: 'initial_rewrite' | 'cap' | 'clip' | null;
  /** A rewrite that began during a segment is not done: nothing new begins. */
  readonly rewriteHold: boolean;
  readonly rewrite: ProjectRewriteWish | null;
  readonly pendingStart: PendingStart | null;
  /** Between `ltx2_stream_start` and `ltx2_stream_complete`. */
  readonly streaming: boolean;
  readonly seedNext: number;
  /** In the order in which they came. */
  readonly raw: readonly RawPrompt[];
  readonly ready: readonly ReadyPrompt[];
  readonly extension: Extension;
  /** The client was told that no prompt is left. */
  readonly sourcesBlocked: boolean;
  /** The prompts begun in this stream, the oldest first: what an auto-extension goes on from. */
  readonly history: readonly string[];
  readonly loopIteration: number;
  /** Streams begun in the session: what was thought of for one is not used in the next. */
  readonly streams: number;
  readonly nextSegmentIdx: number;
  readonly current: ProjectSegment | null;
  readonly steering: Steering;
  /** Segments of this rollout that came to their end; these count against the cap. */
  readonly completedSegments: number;
  /** In single-clip mode: the clip is made, or cannot be made. */
  readonly clipDone: boolean;
  /** Segments that failed since the last one that did not. */
  readonly failures: number;
  readonly continuation: ContinuationState | null;
  readonly timeline: Timeline;
}

/** Why a model wrote nothing that can be used: for people, and in detail for programs. */
export interface FailedAnswer {
  readonly error: string;
  readonly about?: { readonly detail: string };
}

/** The next state, and what the client is told on the way. */
export interface Step {
  readonly state: ProjectState;
  readonly frames: readonly ProjectServerFrame[];
}

/** What no project has yet. */
const blank = {
  project: 'active',
  rewriteHold: false,
  rewrite: null,
  streaming: false,
  seedNext: 0,
  raw: [],
  ready: [],
  extension: { kind: 'none' },
  sourcesBlocked: false,
  history: [],
  loopIteration: 0,
  nextSegmentIdx: 1,
  current: null,
  steering: noSteering,
  completedSegments: 0,
  clipDone: false,
  failures: 0,
  continuation: null,
} as const satisfies Partial<ProjectState>;

/** The first project of a session. */
export function openProjectSession(opening: ProjectOpening): ProjectState {
  return { ...opening, ...blank, ...firstStart(opening, 'init'), streams: 0, timeline: timelineStart };
}

/** A project on a session that has none: media time goes on, all else is new. Names that are not given stay. */
export function openProject(state: ProjectState, opening: ProjectOpening): Step {
  const { presetId, presetLabel, streams, timeline } = state;
  const names = {
    ...(presetId === undefined ? {} : { presetId }),
    ...(presetLabel === undefined ? {} : { presetLabel }),
  };
  const start = firstStart(opening, 'project_init');
  const next = { ...names, ...opening, ...blank, ...start, streams, timeline };
  return { state: next, frames: openingFrames(next) };
}

/** What a client is told before the first stream of a project. */
export function openingFrames({ toggles, paused }: ProjectState): ProjectServerFrame[] {
  return [
    { type: 'loop_generation_updated', enabled: toggles.loop },
    { type: 'generation_paused_updated', paused },
  ];
}

function firstStart(
  { rolloutPrompt, seeds, singleClip }: ProjectOpening,
  reason: 'init' | 'project_init',
): Pick<ProjectState, 'paused' | 'waitingFor' | 'pendingStart'> {
  const waits = rolloutPrompt !== undefined && seeds.length === 0 && !singleClip;
  return waits
    ? { paused: true, waitingFor: 'initial_rewrite', pendingStart: null }
    : { paused: false, waitingFor: null, pendingStart: { reason } };
}
