import { errorMessage, FastVideoError, toFastVideoError } from '../../base/errors.ts';
import type { WorkerInfo } from '../../pool/pool.ts';
import type { ContinuationState } from '../../protocol/continuation-state.ts';
import type { SessionStatus } from '../../protocol/http/status.ts';
import { checkTransition, type SessionPhase } from '../../sessions/phase.ts';
import type { Admission, LiveSession } from '../../sessions/registry.ts';
import type { SegmentOutcome } from '../../sessions/segment-outcome.ts';
import type { Session } from '../../sessions/session.ts';
import { inlineState } from '../../sessions/state-blobs.ts';
import type { ClientSocket } from '../client-socket.ts';
import type {
  Change,
  Dialect,
  Effect,
  SessionDialect,
  SessionHost,
  SessionState,
  ToldMembers,
} from './dialect.ts';
import { errorFrame } from './error-frame.ts';
import { InvalidOpening } from './invalid-opening.ts';
import { type GivenImage, SessionPicture } from './picture.ts';
import { PromptCalls } from './prompt-calls.ts';
import type { SegmentEnd } from './segment-job.ts';
import { SessionResources } from './session-resources.ts';
import { type Restored, SessionSegment } from './session-segment.ts';
import { SessionWire } from './session-wire.ts';
import type { StreamParts } from './stream-settings.ts';

/** How a session ends: its last phase, the close of the connection, and whether it can be resumed. */
interface SessionEnding {
  readonly phase: SessionPhase;
  readonly closeCode: number;
  readonly closeReason: string;
  readonly resumable: boolean;
}

export interface SessionBeginning<State> {
  readonly admission: Admission;
  readonly state: State;
  readonly image: GivenImage | undefined;
  /** Whether the client asked for checkpoints. */
  readonly checkpoints: boolean;
  /** Set for a session that goes on from a checkpoint. */
  readonly restored?: Restored;
  /** Set for a session that was resumed: the blobs of the record that is gone. */
  readonly resumedFrom?: readonly string[];
}

/** A dialect as the first frame of a connection asked for it. */
export interface SpokenDialect<State extends SessionState, Frame>
  extends Pick<Dialect<State, never, never>, 'name' | 'clock' | 'steersWhileQueued'> {
  session(host: SessionHost<State>): SessionDialect<State, Frame>;
}

/**
 * One session of either dialect: the state, the worker that it is bound to, the segment being made, and the calls that
 * its prompts wait for. What is told to the client, and how the state goes on, is the dialect's. Whatever is thrown in
 * here ends this session and no other.
 */
export class StreamSession<State extends SessionState, Frame> implements LiveSession, SessionHost<State> {
  readonly id: string;
  readonly #name: string;
  readonly #parts: StreamParts;
  readonly #socket: ClientSocket;
  readonly #dialect: SessionDialect<State, Frame>;
  readonly #wire: SessionWire;
  readonly #resources: SessionResources;
  readonly #picture: SessionPicture;
  readonly #calls: PromptCalls;
  readonly #clock: 'idle' | 'absolute';
  readonly #steersWhileQueued: boolean;
  readonly #segment: SessionSegment<State>;
  /** Aborts when the session has ended, for whatever reason. */
  readonly #over = new AbortController();
  #phase: SessionPhase = 'INITIALIZING';
  #state: State;
  /** Whether the client was told how the session begins. */
  #begun: boolean;
  #worker: WorkerInfo | undefined;
  /** How the segment ended, while that is written and the client is not told yet. */
  #outcome: SegmentOutcome | undefined;
  #settling = false;
  #draining = false;
  #lastActivity = performance.now();
  /** Since when it has a worker. */
  #activeSince = performance.now();

  constructor(
    parts: StreamParts,
    socket: ClientSocket,
    dialect: SpokenDialect<State, Frame>,
    beginning: SessionBeginning<State>,
  ) {
    const { admission, state, image, checkpoints, restored, resumedFrom } = beginning;
    this.id = admission.id;
    this.#name = dialect.name;
    this.#parts = parts;
    this.#socket = socket;
    this.#state = state;
    this.#begun = restored?.begun ?? false;
    this.#dialect = dialect.session(this);
    this.#clock = dialect.clock;
    this.#steersWhileQueued = dialect.steersWhileQueued;
    const members = () => this.#dialect.members(this.#state, this.#toldMembers());
    this.#wire = new SessionWire(socket, parts.logger, checkpoints ? members : undefined);
    const held = { admission, keeps: this.#dialect.resume !== undefined, resumedFrom };
    this.#resources = new SessionResources(parts, held, () => void this.supersede());
    this.#picture = new SessionPicture(image?.stored, restored?.picture ?? 'opening', this.#resources.logger);
    const { bindingId, log, logger } = this.#resources;
    const { pool, metrics } = parts;
    this.#segment = new SessionSegment<State>(
      {
        sessionId: this.id,
        dialect: this.#dialect,
        parts: { pool, metrics, wire: this.#wire, bindingId, log, logger },
        onStart: (frames) => this.#tell({ state: this.#state, frames }),
        onEnd: (end) => this.#owned(this.#segmentEnded(end)),
      },
      restored,
    );
    this.#calls = new PromptCalls({
      limit: parts.settings.maxPromptCalls,
      over: this.over,
      onEnd: (bug) => (bug ? this.fail(bug.error) : this.#guard(() => this.#settle())),
    });
    // What a resume took out of the store is back in it before anything else happens.
    if (resumedFrom) this.#keep();
    this.#resources.log.write('session_init', this.#dialect.describe(state));
    socket.gone.addEventListener('abort', () => this.clientGone(), { once: true });
    admission.attach(this);
    if (socket.isOver) this.clientGone();
  }

  get phase(): SessionPhase {
    return this.#phase;
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  get state(): State {
    return this.#state;
  }

  /** Waits for a worker, and goes on with it. Never rejects. */
  async open(): Promise<void> {
    await this.#owned(this.#open());
  }

  /**
   * Works on the message of that number. Never rejects: what goes wrong is told, and the session goes on, unless it is a
   * bug of ours. A checkpoint tells of the effect together with the message that had it.
   */
  async receive(message: number, read: () => Frame): Promise<void> {
    if (this.over.aborted) return;
    try {
      const effect = this.#dialect.receive(read());
      const due: Effect<State> = effect instanceof Promise ? await effect : effect;
      if (!this.over.aborted) this.take(due(this.#state));
    } catch (error) {
      if (!(error instanceof FastVideoError)) this.fail(error);
      else if (!this.over.aborted) this.sendError(error);
    }
    this.done(message);
  }

  take(change: Change<State>): void {
    if (this.over.aborted) return;
    this.#tell(change);
    this.#settle();
  }

  /** The client's message of that number, counted from 1 behind the first frame, has had its effect. */
  done(message: number): void {
    this.#wire.done(message);
  }

  /** A frame of the client came: the idle clock starts anew. */
  touch(): void {
    this.#lastActivity = performance.now();
  }

  sendError(error: FastVideoError): void {
    this.#parts.metrics.errorSent(error, this.id);
    this.#resources.log.write('error', { code: error.code, message: error.message });
    this.#wire.sendFrame(errorFrame(error));
  }

  async referencedState(state: ContinuationState): Promise<ContinuationState> {
    const { kept } = this.#resources;
    return kept ? await kept.referencedState(state) : inlineState(state);
  }

  /** A bug of ours was met in what belongs to this session: it ends, and others do not. */
  fail(bug: unknown): void {
    const stack = bug instanceof Error ? bug.stack : undefined;
    this.#resources.logger.error(
      { error: errorMessage(bug), stack },
      'session failed: this is a bug of ours',
    );
    if (this.over.aborted) return;
    const error = new FastVideoError('internal_error', undefined, { cause: bug });
    const resumable = this.#phase === 'ACTIVE';
    const ending = { phase: 'ERROR', closeCode: 1011, closeReason: 'internal_error', resumable } as const;
    try {
      this.#refuse(error, ending);
    } catch (second) {
      this.#resources.logger.error({ error: errorMessage(second) }, 'the client was not told of the failure');
      this.#end(ending);
    }
  }

  /** The connection is over without a word of the client's; it may come back. */
  clientGone(): void {
    const resumable = this.#resources.resumed || this.#phase === 'ACTIVE';
    this.#end({ phase: 'COMPLETE', closeCode: 1000, closeReason: '', resumable });
  }

  leave(): void {
    this.#guard(() => this.#complete('stop_requested', { closeCode: 1000, closeReason: 'leave' }));
  }

  clockMs(now: number): number {
    return this.#clock === 'idle' ? this.#idleMs(now) : now - this.#activeSince;
  }

  #idleMs(now: number): number {
    return this.#segment.job || this.#dialect.busy(this.#state) ? 0 : now - this.#lastActivity;
  }

  expire(): void {
    // While it waits for a worker the acquire time-out rules.
    if (this.#phase !== 'ACTIVE') return;
    this.#guard(() => {
      this.#parts.metrics.sessionTimedOut();
      const seconds = this.#parts.settings.sessionTimeoutMs / 1000;
      this.#tell(this.#dialect.closing(this.#state, { kind: 'expired', seconds }));
      this.#end({ phase: 'TIMEOUT', closeCode: 1000, closeReason: 'session_timeout', resumable: false });
    });
  }

  async drain(): Promise<void> {
    this.#draining = true;
    // Those that wait for a worker end first, or they would get the one that another session leaves.
    if (this.#phase === 'ACTIVE') {
      await this.#segment.over;
      // Once told, a client may be on another replica before a write that is still under way.
      await this.#resources.kept?.settled();
    }
    this.#guard(() => this.#endForDrain());
    await this.#resources.putAway;
    await this.#socket.closed();
  }

  async terminate(): Promise<void> {
    this.#guard(() => this.#endForDrain());
    await this.#resources.putAway;
  }

  async supersede(): Promise<Session> {
    const { resume } = this.#dialect;
    if (!resume) throw new FastVideoError('session_rejected', 'The session cannot be resumed.');
    this.#guard(() => {
      if (this.over.aborted) return;
      const message = 'The session was resumed on another connection with its resume token.';
      this.sendError(new FastVideoError('session_rejected', message, { retryable: false }));
      this.#complete('stop_requested', { closeCode: 1000, closeReason: 'resumed_elsewhere' });
    });
    await this.#segment.over;
    return resume.reopened(this.#state);
  }

  describe(now: number): SessionStatus {
    const { step, totalSteps } = this.#segment.job?.progress ?? { step: 0, totalSteps: 0 };
    return {
      session_id: this.id,
      state: this.#phase,
      worker_id: this.#resources.workerId,
      segment_idx: this.#state.current?.segmentIdx ?? null,
      step,
      total_steps: totalSteps,
      completed_segments: this.#state.completedSegments,
      waiting_requests: this.#dialect.waitingRequests(this.#state),
      idle_seconds: Math.max(0, Math.round(this.#idleMs(now)) / 1000),
    };
  }

  async #open(): Promise<void> {
    this.#settle();
    const { resumed, kept } = this.#resources;
    let worker: WorkerInfo;
    try {
      worker = await this.#resources.acquireWorker(this.over, (place) =>
        this.#guard(() => {
          if (place.position > 0 && this.#phase === 'INITIALIZING') this.#enter('QUEUED');
          // The old token is used up; the new one must not depend on a worker becoming free.
          const frame = this.#dialect.queued(place, resumed ? kept?.token : undefined);
          if (frame) this.#wire.sendAtOnce(frame);
        }),
      );
    } catch (error) {
      if (!this.over.aborted) this.#refuse(toFastVideoError(error));
      return;
    }
    if (this.over.aborted) return;
    this.#enter('GPU_BINDING');
    const { fps } = this.#parts.settings.defaultRequest;
    const problem =
      this.#segment.soundRefusal(this.#state, fps, worker) ?? this.#dialect.refusal?.(this.#state, worker);
    if (problem) {
      this.#refuse(problem);
      return;
    }
    this.#worker = worker;
    const { workerId, modelId } = worker;
    this.#wire.begin(this.#dialect.assigned(worker, kept?.token));
    this.#enter('ACTIVE');
    this.#activeSince = performance.now();
    this.#resources.log.write('stream_start', { worker_id: workerId, model_id: modelId });
    this.#resources.logger.info({ worker_id: workerId, dialect: this.#name }, 'session active');
    this.touch();
    const opened = this.#dialect.opened(this.#state, this.#begun);
    this.#begun = true;
    this.#tell(opened);
    // What was under way where the session was before comes first.
    this.#segment.make(this.#state, worker, this.#picture.image);
    this.#settle();
  }

  /** Does what there is to do by itself, until something has to come from outside. */
  #settle(): void {
    // What is done below may come back here; the loop sees the new state.
    if (this.#settling) return;
    this.#settling = true;
    try {
      for (let before: State | undefined; before !== this.#state && !this.over.aborted; ) {
        before = this.#state;
        this.#advance();
        if (this.#worker || this.#steersWhileQueued) this.#calls.pursue(this.#dialect.calls(this.#state));
      }
    } finally {
      this.#settling = false;
    }
  }

  #advance(): void {
    while (this.#worker && !this.#draining && !this.over.aborted) {
      const change = this.#dialect.advance(this.#state);
      if (!change) return;
      this.#tell(change);
      this.#segment.make(this.#state, this.#worker, this.#picture.image);
    }
  }

  #tell({ state, frames, effects = [] }: Change<State>): void {
    for (const effect of effects) if (effect.kind === 'start_from') this.#startFrom(effect.image);
    this.#state = state;
    this.#wire.changed();
    this.#keep();
    for (const frame of frames) {
      if (frame instanceof FastVideoError) this.sendError(frame);
      else this.#wire.sendFrame(frame);
    }
    if (state.current?.cancelled) this.#segment.job?.cancel();
    for (const effect of effects) {
      if (effect.kind !== 'end') continue;
      const reason = effect.reason === 'leave' ? 'stop_requested' : effect.reason;
      this.#complete(reason, { closeCode: 1000, closeReason: effect.reason });
    }
  }

  #startFrom(image: GivenImage | undefined): void {
    // Without checkpoints nobody asks for the picture as it came.
    const origin = this.#wire.sendsCheckpoints ? image?.given : undefined;
    this.#picture.replace(image?.stored, origin ?? null, this.#segment.job?.ended);
  }

  async #segmentEnded({ outcome, frames }: SegmentEnd): Promise<void> {
    const { kept } = this.#resources;
    if (kept) {
      // A client that has been told of the end may come back to another replica in the next moment.
      this.#outcome = outcome;
      this.#keep();
      await kept.persisted();
      this.#outcome = undefined;
    }
    this.#segment.close();
    this.touch();
    const end = this.#dialect.segmentEnded(this.#state, outcome);
    this.#state = end.state;
    if (this.over.aborted) return;
    this.#tell({ state: end.state, frames: [...frames, ...end.frames] });
    // The end of a segment is told apart from what comes next.
    this.#wire.flush();
    this.#settle();
  }

  #toldMembers(): ToldMembers {
    return { begun: this.#begun, ...this.#segment.told, picture: this.#picture.origin };
  }

  #keep(): void {
    const { resume } = this.#dialect;
    if (!resume) return;
    const state = this.#outcome ? this.#dialect.segmentEnded(this.#state, this.#outcome).state : this.#state;
    this.#resources.kept?.keep(resume.record(state));
  }

  #endForDrain(): void {
    if (this.over.aborted) return;
    const message = 'The server is shutting down; connect again.';
    const error = new FastVideoError('session_rejected', message, { retryable: true });
    if (this.#phase !== 'ACTIVE') {
      this.#resources.tellDraining();
      this.#refuse(error);
      return;
    }
    // Who reads checkpoints goes on with the session elsewhere.
    if (!this.#wire.sendsCheckpoints)
      this.#tell(this.#dialect.closing(this.#state, { kind: 'drained', error }));
    this.#end({ phase: 'COMPLETE', closeCode: 1001, closeReason: 'server_draining', resumable: true });
  }

  #complete(
    reason: 'segment_cap' | 'stop_requested',
    close: Pick<SessionEnding, 'closeCode' | 'closeReason'>,
  ): void {
    if (this.over.aborted) return;
    const active = this.#phase === 'ACTIVE';
    this.#tell(this.#dialect.closing(this.#state, { kind: 'complete', reason, active }));
    this.#end({ ...close, phase: 'COMPLETE', resumable: false });
  }

  #refuse(error: FastVideoError, ending?: SessionEnding): void {
    if (this.over.aborted) return;
    const active = this.#phase === 'ACTIVE';
    this.#tell(this.#dialect.closing(this.#state, { kind: 'failed', error, active }));
    const closeReason = error instanceof InvalidOpening ? error.closeReason : error.code;
    // A session that was resumed and found no worker can be resumed again.
    const resumable = this.#resources.resumed && error.retryable;
    this.#end(ending ?? { phase: 'ERROR', closeCode: error.entry.closeCode, closeReason, resumable });
  }

  #enter(phase: SessionPhase): void {
    checkTransition(this.#phase, phase);
    this.#phase = phase;
  }

  /** Gives everything back, once. A client may leave in any phase; the contract's ways are for sessions that end by themselves. */
  #end({ phase, closeCode, closeReason, resumable }: SessionEnding): void {
    if (this.over.aborted) return;
    this.#phase = phase;
    this.#over.abort(new Error('The session has ended.'));
    this.#segment.job?.abandon();
    const segments = this.#state.completedSegments;
    this.#resources.giveBack({ phase, segments }, resumable, this.#segment.over);
    this.#picture.replace(undefined, null, this.#segment.job?.ended);
    this.#wire.close(closeCode, closeReason);
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(error);
    }
  }

  async #owned(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.fail(error);
    }
  }
}
