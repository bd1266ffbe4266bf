import { FastVideoError, toFastVideoError } from '../../base/errors.ts';
import type { WorkerInfo } from '../../pool/pool.ts';
import type { AlreadySent } from '../../protocol/checkpoint.ts';
import type { ContinuationState } from '../../protocol/continuation-state.ts';
import type { SessionStatus } from '../../protocol/http/status.ts';
import type { ServerFrame } from '../../protocol/native/server-frames.ts';
import { isFinal, type SessionPhase } from '../../sessions/phase.ts';
import type { LiveSession } from '../../sessions/registry.ts';
import {
  type CurrentSegment,
  cancelCurrent,
  endSegment,
  enterPhase,
  reopened,
  type SegmentOutcome,
  type Session,
  takeNext,
} from '../../sessions/session.ts';
import { sessionMembers } from '../../sessions/session-checkpoint.ts';
import { inlineState } from '../../sessions/state-blobs.ts';
import type { ClientSocket } from '../client-socket.ts';
import { timelineAfter } from '../delivery-progress.ts';
import { type SessionBeginning, SessionResources } from '../session-resources.ts';
import { SessionWire } from '../session-wire.ts';
import { soundProblem } from '../sound-problem.ts';
import { InvalidOpening } from './admission.ts';
import { errorFrame } from './error-frame.ts';
import { generationRequest } from './generation-request.ts';
import { PromptPipeline } from './prompt-pipeline.ts';
import { SeedRewrite } from './seed-rewrite.ts';
import { type SegmentEnd, SegmentJob } from './segment-job.ts';
import type { StreamParts } from './stream-settings.ts';
import { toggleComplaints } from './unavailable-toggles.ts';

type StreamEnd = Extract<ServerFrame, { type: 'ltx2_stream_complete' }>['reason'];

/** How a session ends: its last state, the close of the connection, and whether it can be resumed. */
interface SessionEnding {
  readonly phase: SessionPhase;
  readonly closeCode: number;
  readonly closeReason: string;
  readonly resumable: boolean;
}

export interface NativeBeginning extends SessionBeginning {
  /** Whether the client asked for checkpoints. */
  readonly checkpoints: boolean;
  /** Whether it asked for the state at the segment cap. */
  readonly finalState: boolean;
  /** Set for a session that goes on from a checkpoint. */
  readonly restored?: RestoredStream;
}

/** What another replica has told the client. */
export interface RestoredStream {
  /** Whether the client was told which toggles can do nothing here. */
  readonly begun: boolean;
  /** What it has of the segment that was being made. */
  readonly alreadySent: AlreadySent | undefined;
}

/** One session of the native dialect: the state, the worker that it is bound to, and the segment being made. */
export class NativeSession implements LiveSession {
  readonly #parts: StreamParts;
  readonly #socket: ClientSocket;
  readonly #wire: SessionWire;
  readonly #resources: SessionResources;
  /** Aborts when the session has ended, for whatever reason. */
  readonly #over = new AbortController();
  readonly pipeline: PromptPipeline;
  /** Unset where nobody can rewrite prompts. */
  readonly rewrite: SeedRewrite | undefined;
  #state: Session;
  /** Whether the client wants the state when the segment cap is reached. */
  readonly #finalState: boolean;
  /** Whether the client was told how the stream begins. */
  #begun: boolean;
  /** What another replica sent of the segment that was being made. */
  #alreadySent: AlreadySent | undefined;
  /** The session as it was there; unset for one that began here. */
  readonly #before: Session | undefined;
  #worker: WorkerInfo | undefined;
  #job: SegmentJob | undefined;
  /** Resolves when the client has been told of the end of the segment being made. */
  #segmentOver: Promise<void> | undefined;
  /** How the segment ended, while that is written and the client is not told yet. */
  #ending: SegmentOutcome | undefined;
  #draining = false;
  #lastActivity = performance.now();

  constructor(parts: StreamParts, socket: ClientSocket, beginning: NativeBeginning) {
    const { admission, session, checkpoints, finalState, restored } = beginning;
    this.#parts = parts;
    this.#socket = socket;
    this.#state = session;
    this.#finalState = finalState;
    this.#begun = restored?.begun ?? false;
    this.#alreadySent = restored?.alreadySent;
    this.#before = restored && session;
    const members = () => ({ begun: this.#begun, ...sessionMembers(this.#state) });
    this.#wire = new SessionWire(socket, parts.logger, checkpoints ? members : undefined);
    this.#resources = new SessionResources(parts, beginning, () => void this.supersede());
    const { gate, enhancer, settings } = parts;
    const { segmentCap } = settings;
    this.pipeline = new PromptPipeline(this, { gate, segmentCap, ...(enhancer ? { enhancer } : {}) });
    this.rewrite = enhancer && new SeedRewrite(this, enhancer, gate, parts.rewriteDefaults);
    const { preset, curatedPrompts } = session;
    this.#resources.log.write('session_init', { preset, curated_prompts: curatedPrompts });
    socket.gone.addEventListener('abort', () => this.clientGone(), { once: true });
    admission.attach(this);
    if (socket.isOver) this.clientGone();
  }

  get id(): string {
    return this.#state.id;
  }

  get phase(): SessionPhase {
    return this.#state.phase;
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  get state(): Session {
    return this.#state;
  }

  /** Waits for a worker and opens the stream. */
  async open(): Promise<void> {
    if (this.#before) {
      // Prompts that the session brought are made ready ahead of those that come now.
      this.pipeline.goOn(this.#before);
      this.rewrite?.goOn();
    }
    try {
      this.#worker = await this.#acquireWorker();
    } catch (error) {
      if (this.#over.signal.aborted) return;
      this.#fail(toFastVideoError(error));
      return;
    }
    if (this.#over.signal.aborted) return;
    this.#state = enterPhase(this.#state, 'GPU_BINDING');
    const problem = this.#soundProblem(this.#worker);
    if (problem !== undefined) {
      this.#fail(new InvalidOpening('invalid_init', `session_init_v2: checkpoint: ${problem}.`));
      return;
    }
    const kind = this.#state.continuation?.kind;
    if (kind !== undefined && kind !== this.#worker.stateKind) {
      const message = `The continuation state is of kind "${kind}"; the loaded model takes "${this.#worker.stateKind}".`;
      this.#fail(new FastVideoError('preset_mismatch', message));
      return;
    }
    this.#openStream(this.#worker);
  }

  /** Makes `next` the state and starts the next segment if there is one to start. */
  apply(next: Session): void {
    this.#state = next;
    this.#wire.changed();
    this.#keep();
    this.#pump();
  }

  /** The client's message of that number, counted from 1 behind the first frame, has had its effect. */
  done(message: number): void {
    this.#wire.done(message);
  }

  /** A frame of the client came: the idle clock starts anew. */
  touch(): void {
    this.#lastActivity = performance.now();
  }

  send(frame: ServerFrame): void {
    this.#wire.sendFrame(frame);
  }

  sendError(error: FastVideoError): void {
    this.send(this.#errorFrame(error));
  }

  /** The state for `snapshot_state`; its large members whole, or as references into the store where they lie there. */
  snapshotOf(
    state: ContinuationState,
    blobs: 'inline' | 'reference',
  ): ContinuationState | Promise<ContinuationState> {
    const { kept } = this.#resources;
    return blobs === 'inline' || !kept ? inlineState(state) : kept.referencedState(state);
  }

  /** False when no segment is being made, or it is cancelled already. */
  cancelSegment(): boolean {
    const next = cancelCurrent(this.#state);
    if (!next) return false;
    this.apply(next);
    this.#job?.cancel();
    return true;
  }

  /** The connection is over without a word of the client's; it may come back. */
  clientGone(): void {
    const resumable = this.#resources.resumed || this.#state.phase === 'ACTIVE';
    this.#end({ phase: 'COMPLETE', closeCode: 1000, closeReason: '', resumable });
  }

  leave(): void {
    this.#complete('stop_requested', { closeCode: 1000, closeReason: 'leave', resumable: false });
  }

  idleMs(now: number): number {
    return this.#job ? 0 : now - this.#lastActivity;
  }

  expire(): void {
    const { sessionTimeoutMs } = this.#parts.settings;
    if (isFinal(this.#state.phase) || this.#state.phase === 'INITIALIZING') return;
    // While it waits for a worker the acquire time-out rules.
    if (this.#state.phase === 'QUEUED') return;
    this.#refuseWaiting('The session reached its idle limit before this request was started.');
    this.#parts.metrics.sessionTimedOut();
    this.send({ type: 'session_timeout', timeout_seconds: sessionTimeoutMs / 1000 });
    this.#end({ phase: 'TIMEOUT', closeCode: 1000, closeReason: 'session_timeout', resumable: false });
  }

  async drain(): Promise<void> {
    this.#draining = true;
    // Those that wait for a worker end first, or they would get the one that another session leaves.
    if (this.#state.phase === 'ACTIVE') {
      await this.#segmentOver;
      // Once told, a client may be on another replica before a write that is still under way.
      await this.#resources.kept?.settled();
    }
    this.#endForDrain();
    await this.#resources.putAway;
    await this.#socket.closed();
  }

  async terminate(): Promise<void> {
    this.#endForDrain();
    await this.#resources.putAway;
  }

  async supersede(): Promise<Session> {
    if (!isFinal(this.#state.phase)) {
      const message = 'The session was resumed on another connection with its resume token.';
      this.sendError(new FastVideoError('session_rejected', message, { retryable: false }));
      this.#complete('stop_requested', {
        closeCode: 1000,
        closeReason: 'resumed_elsewhere',
        resumable: false,
      });
    }
    await this.#segmentOver;
    return reopened(this.#state);
  }

  describe(now: number): SessionStatus {
    const { step, totalSteps } = this.#job?.progress ?? { step: 0, totalSteps: 0 };
    return {
      session_id: this.id,
      state: this.phase,
      worker_id: this.#resources.workerId,
      segment_idx: this.#state.current?.segmentIdx ?? null,
      step,
      total_steps: totalSteps,
      completed_segments: this.#state.completedSegments,
      waiting_requests: this.#state.waiting.length,
      idle_seconds: Math.max(0, Math.round(this.idleMs(now)) / 1000),
    };
  }

  async #acquireWorker(): Promise<WorkerInfo> {
    const { resumed, kept } = this.#resources;
    // The old token is used up; the new one must not depend on a worker becoming free.
    const token = resumed && kept ? { resume_token: kept.token } : {};
    return await this.#resources.acquireWorker(this.over, ({ position, queueDepth, reason }) => {
      if (position > 0 && this.#state.phase === 'INITIALIZING')
        this.#state = enterPhase(this.#state, 'QUEUED');
      this.#wire.sendAtOnce({
        type: 'queue_status',
        position,
        queue_depth: queueDepth,
        ...(reason === undefined ? {} : { reason }),
        ...token,
      } satisfies ServerFrame);
    });
  }

  #openStream(worker: WorkerInfo): void {
    const { defaultRequest, sessionTimeoutMs } = this.#parts.settings;
    const { kept } = this.#resources;
    this.#wire.begin({
      type: 'gpu_assigned',
      gpu_id: worker.gpuId,
      session_timeout: sessionTimeoutMs / 1000,
      session_id: this.id,
      ...(kept ? { resume_token: kept.token } : {}),
      worker_id: worker.workerId,
      model_id: worker.modelId,
    } satisfies ServerFrame);
    this.#state = enterPhase(this.#state, 'ACTIVE');
    const { width, height, fps, numFrames } = defaultRequest;
    const { preset } = this.#state;
    this.send({
      type: 'ltx2_stream_start',
      ...(preset === undefined ? {} : { preset }),
      width,
      height,
      fps,
      num_frames: numFrames,
    });
    if (!this.#begun) this.#complain();
    this.#begun = true;
    this.#keep();
    this.#resources.log.write('stream_start', { worker_id: worker.workerId, model_id: worker.modelId });
    this.#resources.logger.info({ worker_id: worker.workerId }, 'session active');
    this.touch();
    this.#beginWork(worker);
  }

  /** Toggles of the opening that cannot do anything yet are told like those that come later. */
  #complain(): void {
    for (const complaint of toggleComplaints(this.#state.toggles, this.#parts.enhancer)) {
      this.sendError(complaint);
    }
  }

  /** What was under way where the session was before comes first. */
  #beginWork(worker: WorkerInfo): void {
    const { current } = this.#state;
    if (current) this.#make(current, worker);
    if (!this.#job) this.#goOn();
  }

  #pump(): void {
    if (this.#draining || this.#job || !this.#worker || this.#state.phase !== 'ACTIVE') return;
    this.pipeline.planAhead();
    // The plan may have been ready and is being made.
    if (this.#job) return;
    const next = takeNext(this.#state);
    if (!next) return;
    this.#state = next.session;
    this.#wire.changed();
    this.#make(next.segment, this.#worker);
    // The prompt after this one is thought of while this one is made.
    this.pipeline.planAhead();
  }

  #make(segment: CurrentSegment, worker: WorkerInfo): void {
    const { settings, pool, metrics } = this.#parts;
    const { bindingId, log, logger, image } = this.#resources;
    const errorFrame = (error: FastVideoError) => this.#errorFrame(error);
    const parts = { settings, pool, metrics, wire: this.#wire, bindingId, log, logger, errorFrame };
    const job = new SegmentJob(parts, {
      session: this.#state,
      segment,
      worker,
      generation: generationRequest(settings, this.#state, segment, image),
      alreadySent: this.#alreadySent,
    });
    this.#alreadySent = undefined;
    this.#job = job;
    if (segment.cancelled) job.cancel();
    this.#segmentOver = job.ended.then((end) => this.#segmentEnded(end));
  }

  async #segmentEnded({ outcome, frames }: SegmentEnd): Promise<void> {
    const { kept } = this.#resources;
    if (kept) {
      // A client that has been told of the end may come back to another replica in the next moment.
      this.#ending = outcome;
      this.#keep();
      await kept.persisted();
      this.#ending = undefined;
    }
    this.#job = undefined;
    this.#segmentOver = undefined;
    this.touch();
    this.#state = endSegment(this.#state, outcome);
    this.#wire.changed();
    for (const frame of frames) this.send(frame);
    // The end of a segment is told apart from what comes next.
    this.#wire.flush();
    this.#goOn();
  }

  #keep(): void {
    const session = this.#ending ? endSegment(this.#state, this.#ending) : this.#state;
    this.#resources.kept?.keep(session);
  }

  #goOn(): void {
    if (isFinal(this.#state.phase)) return;
    if (this.#state.completedSegments >= this.#parts.settings.segmentCap) {
      this.#sendFinalState();
      this.#complete('segment_cap', { closeCode: 1000, closeReason: 'segment_cap', resumable: false });
    } else {
      this.#pump();
    }
  }

  /** For a client that continues in another session. */
  #sendFinalState(): void {
    const { continuation, singleClip } = this.#state;
    if (!this.#finalState || !continuation || singleClip) return;
    this.send({ type: 'continuation_state_snapshot', state: inlineState(continuation) });
  }

  /** What a checkpoint says of the sound may be anything. */
  #soundProblem(worker: WorkerInfo): string | undefined {
    if (!this.#before) return undefined;
    const { timeline } = this.#state;
    const { fps } = this.#parts.settings.defaultRequest;
    const end = this.#alreadySent ? timelineAfter(timeline, this.#alreadySent) : timeline;
    return soundProblem(timeline, fps, worker) ?? soundProblem(end, fps, worker);
  }

  /** Counts and logs the error; what the client is told of it. */
  #errorFrame(error: FastVideoError): ServerFrame {
    this.#parts.metrics.errorSent(error, this.id);
    this.#resources.log.write('error', { code: error.code, message: error.message });
    return errorFrame(error);
  }

  /** Requests that will not be made any more get their answer: none vanishes. It counts as an error unless told otherwise. */
  #refuseWaiting(why: string, isError = true): void {
    for (const { prompt } of this.#state.waiting) {
      const short = prompt.length > 60 ? `${prompt.slice(0, 57)}...` : prompt;
      const error = new FastVideoError('session_rejected', `"${short}" was not generated: ${why}`);
      if (isError) this.sendError(error);
      else this.send(errorFrame(error));
    }
    this.#state = { ...this.#state, waiting: [] };
    this.#wire.changed();
  }

  #endForDrain(): void {
    if (isFinal(this.#state.phase)) return;
    const error = new FastVideoError('session_rejected', 'The server is shutting down; connect again.', {
      retryable: true,
    });
    if (this.#state.phase !== 'ACTIVE') {
      this.#resources.tellDraining();
      this.#fail(error);
      return;
    }
    if (this.#wire.sendsCheckpoints) {
      // Who reads them goes on with the session elsewhere.
      this.#end({ phase: 'COMPLETE', closeCode: 1001, closeReason: 'server_draining', resumable: true });
      return;
    }
    this.#refuseWaiting('The server is shutting down.');
    this.sendError(error);
    this.#complete('stop_requested', { closeCode: 1001, closeReason: 'server_draining', resumable: true });
  }

  #complete(reason: StreamEnd, ending: Omit<SessionEnding, 'phase'>): void {
    if (isFinal(this.#state.phase)) return;
    const { phase, current } = this.#state;
    // Who leaves knows, and the cap is what the operator wants.
    this.#refuseWaiting('the session has ended.', false);
    if (current) this.send({ type: 'segment_cancelled', segment_idx: current.segmentIdx });
    if (phase === 'ACTIVE') this.send({ type: 'ltx2_stream_complete', reason });
    this.#end({ ...ending, phase: 'COMPLETE' });
  }

  #fail(error: FastVideoError): void {
    if (isFinal(this.#state.phase)) return;
    this.#refuseWaiting('the session could not be opened.');
    this.sendError(error);
    const { closeCode } = error.entry;
    // A session that was resumed and found no worker can be resumed again.
    const resumable = this.#resources.resumed && error.retryable;
    const closeReason = error instanceof InvalidOpening ? error.closeReason : error.code;
    this.#end({ phase: 'ERROR', closeCode, closeReason, resumable });
  }

  /** Gives everything back, once. */
  #end({ phase, closeCode, closeReason, resumable }: SessionEnding): void {
    if (this.#over.signal.aborted) return;
    // A client may leave in any state; the contract's ways are for sessions that end by themselves.
    if (!isFinal(this.#state.phase)) this.#state = { ...this.#state, phase };
    this.#over.abort(new Error('The session has ended.'));
    this.#job?.abandon();
    this.#resources.giveBack(this.#state, resumable, this.#segmentOver);
    this.#wire.close(closeCode, closeReason);
  }
}
