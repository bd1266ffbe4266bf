import { FastVideoError, toFastVideoError } from '../../base/errors.ts';
import type { WorkerInfo } from '../../pool/pool.ts';
import type { ContinuationState } from '../../protocol/continuation-state.ts';
import type { SessionStatus } from '../../protocol/http/status.ts';
import type { ServerFrame } from '../../protocol/native/server-frames.ts';
import { isFinal, type SessionPhase } from '../../sessions/phase.ts';
import type { LiveSession } from '../../sessions/registry.ts';
import { endSegment, enterPhase, reopened, type Session, takeNext } from '../../sessions/session.ts';
import { inlineState } from '../../sessions/state-blobs.ts';
import type { ClientSocket } from '../client-socket.ts';
import { type SessionBeginning, SessionResources } from '../session-resources.ts';
import { errorFrame } from './error-frame.ts';
import { generationRequest } from './generation-request.ts';
import { PromptDesk } from './prompt-desk.ts';
import { SeedRewrite } from './seed-rewrite.ts';
import { SegmentJob } from './segment-job.ts';
import type { StreamParts } from './stream-settings.ts';

type StreamEnd = Extract<ServerFrame, { type: 'ltx2_stream_complete' }>['reason'];

/** How a session ends: its last state, the close of the connection, and whether it can be resumed. */
interface Ending {
  readonly phase: SessionPhase;
  readonly closeCode: number;
  readonly closeReason: string;
  readonly resumable: boolean;
}

/** How long a connection may take to close after its last frame before it is cut off. */
const closeGraceMs = 5000;

/** One session of the native dialect: the state, the worker that it is bound to, and the segment being made. */
export class NativeSession implements LiveSession {
  readonly #parts: StreamParts;
  readonly #socket: ClientSocket;
  readonly #resources: SessionResources;
  /** Aborts when the session has ended, for whatever reason. */
  readonly #over = new AbortController();
  readonly desk: PromptDesk;
  /** Unset where nobody can rewrite prompts. */
  readonly rewrite: SeedRewrite | undefined;
  #state: Session;
  #worker: WorkerInfo | undefined;
  #job: SegmentJob | undefined;
  #draining = false;
  #lastActivity = performance.now();

  constructor(parts: StreamParts, socket: ClientSocket, beginning: SessionBeginning) {
    const { admission, session } = beginning;
    this.#parts = parts;
    this.#socket = socket;
    this.#state = session;
    this.#resources = new SessionResources(parts, beginning, () => void this.supersede());
    const { gate, enhancer, settings } = parts;
    const { segmentCap } = settings;
    this.desk = new PromptDesk(this, { gate, segmentCap, ...(enhancer ? { enhancer } : {}) });
    this.rewrite = enhancer && new SeedRewrite(this, enhancer, gate, parts.rewriteDefaults);
    const { preset, curatedPrompts } = session;
    this.#resources.log.write('session_init', { preset, curated_prompts: curatedPrompts });
    const onGone = () => {
      const resumable = this.#resources.resumed || this.#state.phase === 'ACTIVE';
      this.#end({ phase: 'COMPLETE', closeCode: 1000, closeReason: '', resumable });
    };
    socket.gone.addEventListener('abort', onGone, { once: true });
    admission.attach(this);
    if (socket.gone.aborted) onGone();
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
    try {
      this.#worker = await this.#acquireWorker();
    } catch (error) {
      if (this.#over.signal.aborted) return;
      this.#fail(toFastVideoError(error));
      return;
    }
    if (this.#over.signal.aborted) return;
    this.#state = enterPhase(this.#state, 'GPU_BINDING');
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
    this.#resources.kept?.keep(next);
    this.#pump();
  }

  /** A frame of the client came: the idle clock starts anew. */
  touch(): void {
    this.#lastActivity = performance.now();
  }

  send(frame: ServerFrame): void {
    this.#socket.sendFrame(frame);
  }

  sendError(error: FastVideoError): void {
    this.#parts.metrics.errorSent(error, this.id);
    this.#resources.log.write('error', { code: error.code, message: error.message });
    this.send(errorFrame(error));
  }

  /** Answers `snapshot_state`; the large members whole, or as references into the store where they lie there. */
  sendSnapshot(state: ContinuationState, blobs: 'inline' | 'reference'): void {
    const answer = (told: ContinuationState) =>
      this.send({ type: 'continuation_state_snapshot', state: told });
    const { kept } = this.#resources;
    if (blobs === 'inline' || !kept) answer(inlineState(state));
    else
      kept.referencedState(state).then(answer, (error: unknown) => {
        this.sendError(toFastVideoError(error));
      });
  }

  /** False when no segment is being made. */
  cancelSegment(): boolean {
    return this.#job?.cancel() ?? false;
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
    this.#refuseWaiting('The session reached its idle limit before the request was made.');
    this.#parts.metrics.sessionTimedOut();
    this.send({ type: 'session_timeout', timeout_seconds: sessionTimeoutMs / 1000 });
    this.#end({ phase: 'TIMEOUT', closeCode: 1000, closeReason: 'session_timeout', resumable: false });
  }

  async drain(): Promise<void> {
    this.#draining = true;
    // Those that wait for a worker end first, or they would get the one that another session leaves.
    if (this.#state.phase === 'ACTIVE') {
      await this.#job?.ended;
      // Once told, a client may be on another replica before a write that is still under way.
      await this.#resources.kept?.settled();
    }
    this.#endForDrain();
    await this.#resources.putAway;
    await this.#socket.closed(closeGraceMs);
  }

  async terminate(): Promise<void> {
    this.#endForDrain();
    await this.#resources.putAway;
  }

  async supersede(): Promise<Session> {
    if (!isFinal(this.#state.phase)) {
      const message = 'The session goes on over another connection, which showed its resume token.';
      this.sendError(new FastVideoError('session_rejected', message, { retryable: false }));
      this.#complete('stop_requested', {
        closeCode: 1000,
        closeReason: 'resumed_elsewhere',
        resumable: false,
      });
    }
    await this.#job?.ended;
    return reopened(this.#state);
  }

  describe(now: number): SessionStatus {
    const { step, totalSteps } = this.#job?.progress ?? { step: 0, totalSteps: 0 };
    return {
      session_id: this.id,
      state: this.phase,
      worker_id: this.#resources.workerId,
      segment_idx: this.#state.currentSegmentIdx,
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
    return await this.#resources.acquireWorker(this.over, ({ position, queueDepth }) => {
      if (position > 0 && this.#state.phase === 'INITIALIZING')
        this.#state = enterPhase(this.#state, 'QUEUED');
      this.send({ type: 'queue_status', position, queue_depth: queueDepth, ...token });
    });
  }

  #openStream(worker: WorkerInfo): void {
    const { defaultRequest, sessionTimeoutMs } = this.#parts.settings;
    const { kept } = this.#resources;
    this.send({
      type: 'gpu_assigned',
      gpu_id: worker.gpuId,
      session_timeout: sessionTimeoutMs / 1000,
      session_id: this.id,
      ...(kept ? { resume_token: kept.token } : {}),
      worker_id: worker.workerId,
      model_id: worker.modelId,
    });
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
    this.#resources.kept?.keep(this.#state);
    this.#resources.log.write('stream_start', { worker_id: worker.workerId, model_id: worker.modelId });
    this.#resources.logger.info({ worker_id: worker.workerId }, 'session active');
    this.touch();
    this.#pump();
  }

  #pump(): void {
    if (this.#draining || this.#job || !this.#worker) return;
    this.desk.planAhead();
    // The plan may have been ready and is being made.
    if (this.#job) return;
    const next = takeNext(this.#state);
    if (!next) return;
    const { segmentIdx, prompt } = next;
    const generation = generationRequest(this.#parts.settings, this.#state, {
      segmentIdx,
      prompt,
      image: this.#resources.image,
    });
    const { bindingId, log, logger } = this.#resources;
    const parts = {
      ...this.#parts,
      ...{ socket: this.#socket, bindingId, log, logger },
      sendError: (error: FastVideoError) => this.sendError(error),
    };
    this.#state = next.session;
    const job = new SegmentJob(parts, this.#state, segmentIdx, prompt, this.#worker, generation);
    this.#job = job;
    // The prompt after this one is thought of while this one is made.
    this.desk.planAhead();
    void job.ended.then((outcome) => {
      this.#job = undefined;
      this.touch();
      this.#state = endSegment(this.#state, outcome);
      this.#resources.kept?.keep(this.#state);
      this.#goOn();
    });
  }

  #goOn(): void {
    if (isFinal(this.#state.phase)) return;
    if (this.#state.completedSegments >= this.#parts.settings.segmentCap) {
      this.#complete('segment_cap', { closeCode: 1000, closeReason: 'segment_cap', resumable: false });
    } else {
      this.#pump();
    }
  }

  /** Requests that will not be made any more get their answer: none vanishes. */
  #refuseWaiting(why: string): void {
    for (const { prompt } of this.#state.waiting) {
      const short = prompt.length > 60 ? `${prompt.slice(0, 57)}...` : prompt;
      this.sendError(new FastVideoError('session_rejected', `"${short}" was not made: ${why}`));
    }
    this.#state = { ...this.#state, waiting: [] };
  }

  #endForDrain(): void {
    if (isFinal(this.#state.phase)) return;
    const error = new FastVideoError('session_rejected', 'The server is shutting down; connect again.', {
      retryable: true,
    });
    if (this.#state.phase !== 'ACTIVE') {
      this.#fail(error);
      return;
    }
    this.#refuseWaiting('The server is shutting down.');
    this.sendError(error);
    this.#complete('stop_requested', { closeCode: 1001, closeReason: 'server_draining', resumable: true });
  }

  #complete(reason: StreamEnd, ending: Omit<Ending, 'phase'>): void {
    if (isFinal(this.#state.phase)) return;
    const { phase, currentSegmentIdx } = this.#state;
    this.#refuseWaiting('the session has ended.');
    if (currentSegmentIdx !== null) this.send({ type: 'segment_cancelled', segment_idx: currentSegmentIdx });
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
    this.#end({ phase: 'ERROR', closeCode, closeReason: error.code, resumable });
  }

  /** Gives everything back, once. */
  #end({ phase, closeCode, closeReason, resumable }: Ending): void {
    if (this.#over.signal.aborted) return;
    // A client may leave in any state; the contract's ways are for sessions that end by themselves.
    if (!isFinal(this.#state.phase)) this.#state = { ...this.#state, phase };
    this.#over.abort(new Error('The session has ended.'));
    this.#job?.abandon();
    this.#resources.giveBack(this.#state, resumable, this.#job?.ended);
    this.#socket.close(closeCode, closeReason);
    // A peer that never answers the close must not keep the connection.
    void this.#socket.closed(closeGraceMs);
  }
}
