import type { FastVideoError } from '../../base/errors.ts';
import type { WorkerInfo } from '../../pool/pool.ts';
import type { AlreadySent } from '../../protocol/checkpoint.ts';
import { timelineAfter } from './delivery-progress.ts';
import type { SessionDialect, SessionState, ToldMembers } from './dialect.ts';
import { InvalidOpening } from './invalid-opening.ts';
import type { Pictures } from './picture.ts';
import { type SegmentEnd, SegmentJob, type SegmentJobParts } from './segment-job.ts';
import { soundProblem } from './sound-problem.ts';

/** What another replica has told the client, for a session that goes on from a checkpoint. */
export type Restored = ToldMembers & { readonly alreadySent: AlreadySent | undefined };

export interface SegmentOptions<State extends SessionState> {
  readonly sessionId: string;
  readonly dialect: Pick<SessionDialect<State, never>, 'segment'>;
  readonly parts: Omit<SegmentJobParts, 'tellStart'>;
  /** The client is to be told that the segment begins. */
  readonly onStart: (frames: readonly object[]) => void;
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
    const { sessionId, dialect, parts, onStart, onEnd } = this.#options;
    this.#jobsBegun += 1;
    const streamId = this.#told.streamId ?? `${sessionId}-${this.#jobsBegun}`;
    this.#told = { ...this.#told, streamId };
    const tellStart = (frames: readonly object[]) => {
      this.#told = { ...this.#told, segmentTold: true };
      onStart(frames);
    };
    const job = new SegmentJob(
      { ...parts, tellStart },
      {
        segmentIdx: current.segmentIdx,
        plan: dialect.segment(state, { worker, pictures, streamId }),
        timeline,
        told: this.#told.segmentTold,
        alreadySent: this.#alreadySent,
      },
    );
    this.#alreadySent = undefined;
    this.#job = job;
    if (current.cancelled) job.cancel();
    this.#over = job.ended.then(onEnd);
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
