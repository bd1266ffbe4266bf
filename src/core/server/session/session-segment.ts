import type { FastVideoError } from '../../base/errors.ts';
import type { SteeringStep } from '../../generators/steering.ts';
import type { WorkerInfo } from '../../pool/pool.ts';
import type { AlreadySent } from '../../protocol/checkpoint.ts';
import { timelineAfter } from './delivery-progress.ts';
import type { SegmentPlan, SessionDialect, SessionState, ToldMembers } from './dialect.ts';
import { InvalidOpening } from './invalid-opening.ts';
import type { Pictures } from './picture.ts';
import { type SegmentEnd, SegmentJob, type SegmentJobParts } from './segment-job.ts';
import { soundProblem } from './sound-problem.ts';
import { ViewerClock } from './viewer-clock.ts';

/** What another replica has told the client, for a session that goes on from a checkpoint. */
export type Restored = ToldMembers & { readonly alreadySent: AlreadySent | undefined };

export interface SegmentOptions<State extends SessionState> {
  readonly sessionId: string;
  readonly dialect: Pick<SessionDialect<State, never>, 'segment'>;
  /** How long before it is shown a picture may be made, where media is made no faster than it plays. */
  readonly realtimeLeadMs: number;
  readonly parts: Omit<SegmentJobParts, 'tellStart' | 'tellSteered'>;
  /** The client is to be told that the segment begins. */
  readonly onStart: (frames: readonly object[]) => void;
  /** A change of the prompt has effect, and the client is to be told. */
  readonly onSteered: (step: SteeringStep, frames: readonly object[]) => void;
  /** The segment has ended, and the client is to be told; never rejects. */
  readonly onEnd: (end: SegmentEnd) => Promise<void>;
}

/** The segment that a session makes at the moment, if it makes one. */
export class SessionSegment<State extends SessionState> {
  readonly #options: SegmentOptions<State>;
  readonly #restored: boolean;
  /** What another replica sent of the segment that was being made. */
  #alreadySent: AlreadySent | undefined;
  #told: Pick<ToldMembers, 'streamId' | 'segmentTold'>;
  #job: SegmentJob | undefined;
  #jobsBegun = 0;
  #over: Promise<void> | undefined;
  #viewer: ViewerClock | undefined;

  constructor(options: SegmentOptions<State>, restored: Restored | undefined) {
    this.#options = options;
    this.#restored = restored !== undefined;
    this.#alreadySent = restored?.alreadySent;
    const { streamId = null, segmentTold = false } = restored ?? {};
    this.#told = { streamId, segmentTold };
  }

  /** What the client was told of it. */
  get told(): Pick<ToldMembers, 'streamId' | 'segmentTold'> {
    return this.#told;
  }

  get job(): SegmentJob | undefined {
    return this.#job;
  }

  /** Resolves when the client has been told of its end; undefined while none is made. */
  get over(): Promise<void> | undefined {
    return this.#over;
  }

  /** Begins to make `state.current`, unless there is none, or it is being made. */
  make(state: State, worker: WorkerInfo, pictures: Pictures | undefined): void {
    const { current, timeline } = state;
    if (!current || this.#job) return;
    const { sessionId, dialect, parts, onStart, onSteered, onEnd } = this.#options;
    this.#jobsBegun += 1;
    const streamId = this.#told.streamId ?? `${sessionId}-${this.#jobsBegun}`;
    this.#told = { ...this.#told, streamId };
    const tellStart = (frames: readonly object[]) => {
      this.#told = { ...this.#told, segmentTold: true };
      onStart(frames);
    };
    this.#viewer = state.realtime
      ? (this.#viewer ?? new ViewerClock(this.#options.realtimeLeadMs))
      : undefined;
    const job = new SegmentJob(
      { ...parts, tellStart, tellSteered: onSteered },
      {
        segmentIdx: current.segmentIdx,
        plan: withPath(
          withFirstFrame(dialect.segment(state, { worker, pictures, streamId }), worker, pictures),
          state.steering.path,
        ),
        timeline,
        told: this.#told.segmentTold,
        alreadySent: this.#alreadySent,
        viewer: this.#viewer,
      },
    );
    this.#alreadySent = undefined;
    this.#job = job;
    this.follow(state);
    this.#over = job.ended.then(onEnd);
  }

  /** The segment that is being made becomes what the state says of it. */
  follow({ current, steering }: State): void {
    if (!current || !this.#job) return;
    if (current.cancelled) this.#job.cancel();
    if (steering.wish?.ready) this.#job.steer(steering.wish);
  }

  /** The state holds its end; the next one may be made. */
  close(): void {
    this.#job = undefined;
    this.#over = undefined;
    this.#told = { streamId: null, segmentTold: false };
  }

  /** Why the worker cannot go on: what a checkpoint says of the sound may be anything. */
  soundRefusal({ timeline }: State, fps: number, worker: WorkerInfo): FastVideoError | undefined {
    if (!this.#restored) return undefined;
    const end = this.#alreadySent ? timelineAfter(timeline, this.#alreadySent) : timeline;
    const problem = soundProblem(timeline, fps, worker) ?? soundProblem(end, fps, worker);
    if (problem === undefined) return undefined;
    return new InvalidOpening('invalid_init', `session_init_v2: checkpoint: ${problem}.`);
  }
}

/** With the changes of the prompt that the client was told of. */
function withPath(plan: SegmentPlan, path: readonly SteeringStep[]): SegmentPlan {
  if (path.length === 0) return plan;
  return { ...plan, generation: { ...plan.generation, steering: path } };
}

/** A model that makes videos from a picture gets it again while there is nothing to go on from. */
function withFirstFrame(
  plan: SegmentPlan,
  { capabilities }: WorkerInfo,
  pictures: Pictures | undefined,
): SegmentPlan {
  const { generation } = plan;
  if (!capabilities.needs_first_frame || generation.continuationState || !pictures?.first) return plan;
  return { ...plan, generation: { ...generation, initImagePath: pictures.first.path } };
}
