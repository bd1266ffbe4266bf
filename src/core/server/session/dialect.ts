import type { ErrorAbout, FastVideoError } from '../../base/errors.ts';
import type { GenerationRequest, StreamMode } from '../../generators/generator.ts';
import type { Timeline } from '../../media/timeline.ts';
import type { QueuePosition, WorkerInfo } from '../../pool/pool.ts';
import type { Waiting } from '../../pool/worker-wait.ts';
import type { AlreadySent } from '../../protocol/checkpoint.ts';
import type { ContinuationState } from '../../protocol/continuation-state.ts';
import type { Parsed } from '../../protocol/native/parse.ts';
import type { CheckpointMembers } from '../../sessions/checkpoint-members.ts';
import type { SegmentOutcome } from '../../sessions/segment-outcome.ts';
import type { Session } from '../../sessions/session.ts';
import type { Steering } from '../../sessions/steering.ts';
import type { SessionStep } from '../../sessions/step.ts';
import type { ClientMessage } from './error-subject.ts';
import type { GivenPictures, PictureOrigin, PictureParts, PicturePlan, Pictures } from './picture.ts';
import type { PromptCall } from './prompt-calls.ts';
import type { SegmentFrames } from './segment-frames.ts';
import type { StreamParts } from './stream-settings.ts';

/** What the state of a session holds in every dialect. */
export interface SessionState {
  /** The segment that is being made. */
  readonly current: { readonly segmentIdx: number; readonly cancelled?: boolean } | null;
  readonly completedSegments: number;
  readonly steering: Steering;
  /** The last prompts that were begun, the oldest first. */
  readonly history: readonly string[];
  /** Media is made no faster than it plays. */
  readonly realtime: boolean;
  readonly timeline: Timeline;
  readonly continuation: ContinuationState | null;
}

/** What a step does beside the state and the frames. */
export type SessionEffect =
  | { readonly kind: 'end'; readonly reason: 'leave' | 'segment_cap' }
  /** The streams that begin from now on are made from these pictures, or from none. */
  | { readonly kind: 'start_from'; readonly pictures: GivenPictures | undefined };

export interface Change<State> extends SessionStep<State> {
  readonly effects?: readonly SessionEffect[];
}

/** What a message does once it has been looked at. Throws what the client is told when it cannot be done. */
export type Effect<State> = (state: State) => Change<State>;

/** What a dialect sees of the session that it is spoken in. */
export interface SessionHost<State> {
  readonly id: string;
  readonly state: State;
  /** Unset while it waits for one. */
  readonly worker: WorkerInfo | undefined;
  /** Aborts when the session is over. */
  readonly over: AbortSignal;
  /** Makes the step's state the session's, tells the client, and does what is to be done next. */
  take(change: Change<State>): void;
  /** The continuation state with references into the store in place of its large members, where they lie there. */
  referencedState(state: ContinuationState): Promise<ContinuationState>;
}

/** How a session ends, for the frames that the client is told last. */
export type Closing =
  | { readonly kind: 'complete'; readonly reason: 'segment_cap' | 'stop_requested'; readonly active: boolean }
  | { readonly kind: 'drained'; readonly error: FastVideoError }
  | { readonly kind: 'failed'; readonly error: FastVideoError; readonly active: boolean }
  | { readonly kind: 'expired'; readonly seconds: number };

/** What of a session is not in its state, for a checkpoint. */
export interface ToldMembers {
  /** Whether the client was told how the session begins. */
  readonly begun: boolean;
  /** Names the media of the segment that is being made. */
  readonly streamId: string | null;
  /** Whether the client was told that the segment begins. */
  readonly segmentTold: boolean;
  readonly picture: PictureOrigin;
}

/** How `state.current` is made and told. */
export interface SegmentPlan {
  readonly streamId: string;
  readonly generation: GenerationRequest;
  readonly streamMode: StreamMode;
  readonly frames: SegmentFrames;
  /** What the session log says when it begins. */
  readonly logged: { readonly prompt: string; readonly source: string };
  /** When the client asked for it, in milliseconds of the process's monotonic clock; unset: nobody did. */
  readonly requestedAt?: number;
  /** What asked for it, as the error names it when it cannot be made. */
  readonly asked: ErrorAbout;
  /** Whether a run without any media is a failure. */
  readonly needsMedia: boolean;
}

export interface SegmentContext {
  readonly worker: WorkerInfo;
  readonly pictures: Pictures | undefined;
  /** For dialects that have no names of their own. */
  readonly streamId: string;
}

/** A dialect in one session: pure steps from state to state, and the frames that tell of them. */
export interface SessionDialect<State extends SessionState, Frame> {
  /** An error in the words of the dialect; unset: as it is. */
  told?(error: FastVideoError): FastVideoError;
  /** The frame for a place in the queue; position 0: a worker was free. */
  queued(place: QueuePosition & Partial<Waiting>, resumeToken: string | undefined): object | undefined;
  assigned(worker: WorkerInfo, resumeToken: string | undefined): object;
  /** What is told behind it. `begun`: another replica has told the client how the session begins. */
  opened(state: State, begun: boolean): Change<State>;
  /** Why the session cannot go on with this worker. */
  refusal?(state: State, worker: WorkerInfo): FastVideoError | undefined;
  /** What a message does. Throws, or rejects with, what the client is told when it cannot be done. */
  receive(frame: Frame): Effect<State> | Promise<Effect<State>>;
  /** One step on the way by itself; null when something has to come from outside first. */
  advance(state: State): Change<State> | null;
  /** The calls to the safety filter and to providers that the state waits for, the most urgent first. */
  calls(state: State): readonly PromptCall[];
  segment(state: State, context: SegmentContext): SegmentPlan;
  segmentEnded(state: State, outcome: SegmentOutcome): SessionStep<State>;
  closing(state: State, closing: Closing): SessionStep<State>;
  /** Whether it works for the client while no segment is being made: then it is not idle. */
  busy(state: State): boolean;
  waitingRequests(state: State): number;
  members(state: State, told: ToldMembers): CheckpointMembers;
  /** For the session log, at the opening. */
  describe(state: State): Readonly<Record<string, unknown>>;
  /** Set where sessions can be resumed with a token: what is kept of one, and how it begins on another connection. */
  readonly resume?: { record(state: State): Session; reopened(state: State): Session };
}

/** What a first frame asks for. */
export interface Opening<State> {
  /** Set when it goes on with a session that was kept. */
  readonly resume?: { readonly session_id: string; readonly resume_token: string };
  /** Whether the client asked for checkpoints. */
  readonly checkpoints: boolean;
  /** As the client names itself, for the session log. */
  readonly clientId?: string | undefined;
  /** As it was given: its large members may be references. */
  readonly continuation?: ContinuationState | null | undefined;
  readonly pictures: PicturePlan;
  state(id: string, continuation: ContinuationState | null): State;
  /** What the safety filter looks at. */
  prompts(state: State): readonly string[];
  /** Set for a session that goes on from a checkpoint. */
  readonly restored?: ToldMembers & { readonly alreadySent: AlreadySent | null | undefined };
}

/** A dialect on a connection. */
export interface Dialect<State extends SessionState, Frame extends ClientMessage, Init> {
  readonly name: 'native' | 'project';
  /** An error in the words of the dialect; unset: as it is. */
  told?(error: FastVideoError): FastVideoError;
  parse(text: string): Parsed<Frame>;
  /** Sent at once when a client connects. */
  greeting?(parts: StreamParts): object;
  /** What a client means that says nothing in time; unset: it is refused. */
  readonly silentInit?: () => Init;
  /** Reads the first frame, undefined for a binary one. Throws `InvalidOpening`. */
  readInit(message: Parsed<Frame> | undefined): Init;
  /** Throws what the first frame is refused with. */
  opening(init: Init, parts: StreamParts): Opening<State>;
  /** Undefined when none was given. Throws what the first frame is refused with. */
  readPictures(plan: PicturePlan, parts: PictureParts): Promise<GivenPictures | undefined>;
  /** The state of a session that was kept; unset where none is. */
  readonly resumed?: (session: Session) => State;
  session(parts: StreamParts, host: SessionHost<State>, init: Init): SessionDialect<State, Frame>;
  /**
   * What the session time-out counts: the time in which nothing happened, or all the time since the session has a worker,
   * which clients count down.
   */
  readonly clock: 'idle' | 'absolute';
  /** Whether messages are worked on before the session has a worker. */
  readonly steersWhileQueued: boolean;
  /** What comes of too many messages before there is a session. */
  readonly floodedOpening: 'close' | 'answer';
  /** Whether `leave` counts before there is a session. */
  readonly leavesUnopened: boolean;
}
