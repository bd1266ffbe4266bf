import { hostname } from 'node:os';
import { type ErrorAbout, errorMessage, FastVideoError, toFastVideoError } from '../../base/errors.ts';
import type { WorkerInfo } from '../../pool/pool.ts';
import type { ContinuationState } from '../../protocol/continuation-state.ts';
import type { SessionStatus } from '../../protocol/http/status.ts';
import { checkTransition, type SessionPhase } from '../../sessions/phase.ts';
import type { Admission, LiveSession } from '../../sessions/registry.ts';
import type { Session } from '../../sessions/session.ts';
import { inlineState } from '../../sessions/state-blobs.ts';
import type { ClientSocket } from '../client-socket.ts';
import type { Change, Dialect, SessionDialect, SessionHost, SessionState } from './dialect.ts';
import { InvalidOpening } from './invalid-opening.ts';
import { SessionResources } from './session-resources.ts';
import { type FirstState, SessionSteps } from './session-steps.ts';
import type { StreamParts } from './stream-settings.ts';

/** How a session ends: its last phase, the close of the connection, and whether it can be resumed. */
interface SessionEnding {
  readonly phase: SessionPhase;
  readonly closeCode: number;
  readonly closeReason: string;
  readonly resumable: boolean;
}

export interface SessionBeginning<State> extends FirstState<State> {
  readonly admission: Admission;
  readonly clientId: string | undefined;
  /** Set for a session that was resumed: the blobs of the record that is gone. */
  readonly resumedFrom?: readonly string[];
}

/** A dialect as the first frame of a connection asked for it. */
export interface SpokenDialect<State extends SessionState, Frame>
  extends Pick<Dialect<State, never, never>, 'name' | 'clock' | 'steersWhileQueued'> {
  session(host: SessionHost<State>): SessionDialect<State, Frame>;
}

/**
 * The life of one session of either dialect, from the wait for a worker to the end: its phases, its clock, and what it
 * holds. What it does between is in its {@link SessionSteps}; what is told to the client, and how the state goes on, is
 * the dialect's. Whatever is thrown in here ends this session and no other.
 */
export class StreamSession<State extends SessionState, Frame extends object>
  implements LiveSession, SessionHost<State>
{
  readonly id: string;
  readonly #name: string;
  readonly #parts: StreamParts;
  readonly #socket: ClientSocket;
  readonly #dialect: SessionDialect<State, Frame>;
  readonly #resources: SessionResources;
  readonly #clock: 'idle' | 'absolute';
  readonly #steps: SessionSteps<State, Frame>;
  /** Aborts when the session has ended, for whatever reason. */
  readonly #over = new AbortController();
  #phase: SessionPhase = 'INITIALIZING';
  #lastActivity = performance.now();
  /** Since when it has a worker. */
  #activeSince = performance.now();

  constructor(
    parts: StreamParts,
    socket: ClientSocket,
    dialect: SpokenDialect<State, Frame>,
    beginning: SessionBeginning<State>,
  ) {
    const { admission, resumedFrom } = beginning;
    this.id = admission.id;
    this.#name = dialect.name;
    this.#parts = parts;
    this.#socket = socket;
    this.#dialect = dialect.session(this);
    this.#clock = dialect.clock;
    const held = { admission, keeps: this.#dialect.resume !== undefined, resumedFrom };
    this.#resources = new SessionResources(parts, held, () => void this.supersede());
    this.#steps = new SessionSteps<State, Frame>(
      {
        id: this.id,
        parts,
        socket,
        dialect: this.#dialect,
        steersWhileQueued: dialect.steersWhileQueued,
        resources: this.#resources,
        over: this.over,
        onEnd: (reason) =>
          this.#complete(reason === 'leave' ? 'stop_requested' : reason, {
            closeCode: 1000,
            closeReason: reason,
          }),
        onSegmentEnd: () => this.touch(),
        onBug: (bug) => this.fail(bug),
      },
      beginning,
    );
    this.#resources.log.write('session_init', {
      dialect: dialect.name,
      host: hostname(),
      client_id: beginning.clientId,
      resumed: this.#resources.resumed,
      ...this.#dialect.describe(beginning.state),
    });
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
    return this.#steps.state;
  }

  get worker(): WorkerInfo | undefined {
    return this.#steps.worker;
  }

  /** Waits for a worker, and goes on with it. Never rejects. */
  async open(): Promise<void> {
    await this.#owned(this.#open());
  }

  /** Works on the message of that number; `about`: what an answer to it names. Never rejects. */
  async receive(message: number, about: ErrorAbout, read: () => Frame): Promise<void> {
    await this.#steps.receive(message, about, read);
  }

  take(change: Change<State>): void {
    this.#steps.take(change);
  }

  /** The client's message of that number, counted from 1 behind the first frame, has had its effect. */
  done(message: number): void {
    this.#steps.wire.done(message);
  }

  /** A frame of the client came: the idle clock starts anew. */
  touch(): void {
    this.#lastActivity = performance.now();
  }

  sendError(error: FastVideoError): void {
    this.#steps.sendError(error);
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
    return this.#steps.segment.job || this.#dialect.busy(this.state) ? 0 : now - this.#lastActivity;
  }

  expire(): void {
    // While it waits for a worker the acquire time-out rules.
    if (this.#phase !== 'ACTIVE') return;
    this.#guard(() => {
      this.#parts.metrics.sessionTimedOut();
      const seconds = this.#parts.settings.sessionTimeoutMs / 1000;
      this.#steps.tellEnd({ kind: 'expired', seconds });
      this.#end({ phase: 'TIMEOUT', closeCode: 1000, closeReason: 'session_timeout', resumable: false });
    });
  }

  async drain(): Promise<void> {
    this.#steps.hold();
    // Those that wait for a worker end first, or they would get the one that another session leaves.
    if (this.#phase === 'ACTIVE') {
      await this.#steps.segment.over;
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
    await this.#steps.segment.over;
    return resume.reopened(this.state);
  }

  describe(now: number): SessionStatus {
    const { step, totalSteps } = this.#steps.segment.job?.progress ?? { step: 0, totalSteps: 0 };
    return {
      session_id: this.id,
      state: this.#phase,
      worker_id: this.#resources.workerId,
      segment_idx: this.state.current?.segmentIdx ?? null,
      step,
      total_steps: totalSteps,
      completed_segments: this.state.completedSegments,
      waiting_requests: this.#dialect.waitingRequests(this.state),
      idle_seconds: Math.max(0, Math.round(this.#idleMs(now)) / 1000),
    };
  }

  async #open(): Promise<void> {
    this.#steps.settle();
    const { resumed, kept } = this.#resources;
    let worker: WorkerInfo;
    try {
      worker = await this.#resources.acquireWorker(this.over, (place) =>
        this.#guard(() => {
          if (place.position > 0 && this.#phase === 'INITIALIZING') this.#enter('QUEUED');
          // The old token is used up; the new one must not depend on a worker becoming free.
          const frame = this.#dialect.queued(place, resumed ? kept?.token : undefined);
          if (frame) this.#steps.wire.sendAtOnce(frame);
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
      this.#steps.segment.soundRefusal(this.state, fps, worker) ??
      this.#dialect.refusal?.(this.state, worker);
    if (problem) {
      this.#refuse(problem);
      return;
    }
    const { workerId, modelId } = worker;
    this.#steps.wire.begin(this.#dialect.assigned(worker, kept?.token));
    this.#enter('ACTIVE');
    this.#activeSince = performance.now();
    this.#resources.log.write('stream_start', { worker_id: workerId, model_id: modelId });
    this.#resources.logger.info({ worker_id: workerId, dialect: this.#name }, 'session active');
    this.touch();
    this.#steps.begin(worker);
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
    if (!this.#steps.wire.sendsCheckpoints) this.#steps.tellEnd({ kind: 'drained', error });
    this.#end({ phase: 'COMPLETE', closeCode: 1001, closeReason: 'server_draining', resumable: true });
  }

  #complete(
    reason: 'segment_cap' | 'stop_requested',
    close: Pick<SessionEnding, 'closeCode' | 'closeReason'>,
  ): void {
    if (this.over.aborted) return;
    const active = this.#phase === 'ACTIVE';
    this.#steps.tellEnd({ kind: 'complete', reason, active });
    this.#end({ ...close, phase: 'COMPLETE', resumable: false });
  }

  #refuse(error: FastVideoError, ending?: SessionEnding): void {
    if (this.over.aborted) return;
    const active = this.#phase === 'ACTIVE';
    this.#steps.tellEnd({ kind: 'failed', error, active });
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
    this.#steps.abandon();
    const { completedSegments: segments } = this.state;
    this.#resources.giveBack({ phase, segments }, resumable, this.#steps.segment.over);
    this.#steps.wire.close(closeCode, closeReason);
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
