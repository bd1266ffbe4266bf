import { type WireErrorCode, wireErrorCodes } from '../../base/error-table.ts';
import { errorMessage, FastVideoError, toFastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { GenerationRequest } from '../../generators/generator.ts';
import type { WorkerInfo } from '../../pool/pool.ts';
import type { ServerFrame } from '../../protocol/native/server-frames.ts';
import type { StoredImage } from '../../sessions/initial-image.ts';
import { isFinal, type SessionPhase } from '../../sessions/phase.ts';
import type { Admission, LiveSession } from '../../sessions/registry.ts';
import {
  endSegment,
  enterPhase,
  type SegmentOutcome,
  type SegmentPrompt,
  type Session,
  takeNext,
} from '../../sessions/session.ts';
import type { SessionLog } from '../../sessions/session-log.ts';
import type { ClientSocket } from '../client-socket.ts';
import { SegmentJob } from './segment-job.ts';
import type { StreamParts } from './stream-settings.ts';

type StreamEnd = Extract<ServerFrame, { type: 'ltx2_stream_complete' }>['reason'];

/** How long a connection may take to close after its last frame before it is cut off. */
const closeGraceMs = 5000;

/** One session of the native dialect: the state, the worker that it is bound to, and the segment being made. */
export class NativeSession implements LiveSession {
  readonly #parts: StreamParts;
  readonly #socket: ClientSocket;
  readonly #admission: Admission;
  readonly #image: StoredImage | undefined;
  readonly #log: SessionLog;
  readonly #logger: Logger;
  /** Good for one resume after the client has gone without a `leave`. */
  readonly #resumeToken: string;
  /** Aborts when the session has ended, for whatever reason. */
  readonly #over = new AbortController();
  #state: Session;
  #worker: WorkerInfo | undefined;
  #job: SegmentJob | undefined;
  #draining = false;
  #lastActivity = performance.now();

  constructor(
    parts: StreamParts,
    socket: ClientSocket,
    admission: Admission,
    session: Session,
    image: StoredImage | undefined,
  ) {
    this.#parts = parts;
    this.#socket = socket;
    this.#admission = admission;
    this.#image = image;
    this.#state = session;
    this.#resumeToken = parts.resumable.newToken();
    this.#log = parts.openSessionLog(admission.id);
    this.#logger = parts.logger.child({ session_id: admission.id });
    this.#log.write('session_init', { preset: session.preset, curated_prompts: session.curatedPrompts });
    socket.gone.addEventListener('abort', () => this.#onGone(), { once: true });
    admission.attach(this);
  }

  get id(): string {
    return this.#state.id;
  }

  get phase(): SessionPhase {
    return this.#state.phase;
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
    // The client may have left between the binding and here.
    if (this.#over.signal.aborted) {
      this.#parts.pool.release(this.id);
      return;
    }
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
    this.#parts.metrics.errorSent(error.code);
    this.#log.write('error', { code: error.code, message: error.message });
    this.send(errorFrame(error));
  }

  /** False when no segment is being made. */
  cancelSegment(): boolean {
    return this.#job?.cancel() ?? false;
  }

  leave(): void {
    const { currentSegmentIdx } = this.#state;
    if (currentSegmentIdx !== null) this.send({ type: 'segment_cancelled', segment_idx: currentSegmentIdx });
    this.#complete('stop_requested', 1000, 'leave');
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
    this.#end('TIMEOUT', 1000, 'session_timeout');
  }

  async drain(): Promise<void> {
    this.#draining = true;
    await this.#job?.ended;
    if (isFinal(this.#state.phase)) return;
    const error = new FastVideoError('session_rejected', 'The server is shutting down; connect again.', {
      retryable: true,
    });
    if (this.#state.phase !== 'ACTIVE') {
      this.#fail(error);
    } else {
      this.#refuseWaiting('The server is shutting down.');
      this.sendError(error);
      this.#complete('stop_requested', 1001, 'server_draining');
    }
    await this.#socket.closed(closeGraceMs);
  }

  terminate(): void {
    this.#end('ERROR', 1001, 'server_stopped');
  }

  async #acquireWorker(): Promise<WorkerInfo> {
    let queued = false;
    const acquired = this.#parts.pool.acquire(this.id, {
      signal: this.#over.signal,
      onPosition: ({ position, queueDepth }) => {
        if (!queued) this.#state = enterPhase(this.#state, 'QUEUED');
        queued = true;
        this.send({ type: 'queue_status', position, queue_depth: queueDepth });
      },
    });
    if (!queued) this.send({ type: 'queue_status', position: 0, queue_depth: 0 });
    return await acquired;
  }

  #openStream(worker: WorkerInfo): void {
    const { defaultRequest, sessionTimeoutMs } = this.#parts.settings;
    this.send({
      type: 'gpu_assigned',
      gpu_id: worker.gpuId,
      session_timeout: sessionTimeoutMs / 1000,
      session_id: this.id,
      resume_token: this.#resumeToken,
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
    this.#log.write('stream_start', { worker_id: worker.workerId, model_id: worker.modelId });
    this.#logger.info({ worker_id: worker.workerId }, 'session active');
    this.touch();
    this.#pump();
  }

  #onGone(): void {
    const resumable = this.#state.phase === 'ACTIVE';
    this.#end('COMPLETE');
    if (resumable) void this.#keepForResume();
  }

  async #keepForResume(): Promise<void> {
    try {
      // What was sent of the running segment counts: the media of the next one goes on behind it.
      await this.#job?.ended;
      await this.#parts.resumable.save(this.#state, this.#resumeToken);
    } catch (error) {
      this.#logger.error({ error: errorMessage(error) }, 'session could not be kept for a resume');
    }
  }

  #pump(): void {
    if (this.#draining || this.#job || !this.#worker) return;
    const next = takeNext(this.#state, performance.now());
    if (!next) return;
    const generation = this.#generationRequest(next.segmentIdx, next.prompt);
    const parts = {
      ...this.#parts,
      socket: this.#socket,
      log: this.#log,
      logger: this.#logger,
      sendError: (error: FastVideoError) => this.sendError(error),
    };
    this.#state = next.session;
    this.#job = new SegmentJob(parts, this.#state, next.segmentIdx, next.prompt, this.#worker, generation);
    void this.#job.ended.then((outcome) => this.#onSegmentEnd(outcome));
  }

  #onSegmentEnd(outcome: SegmentOutcome): void {
    this.#job = undefined;
    this.touch();
    this.#state = endSegment(this.#state, outcome);
    if (isFinal(this.#state.phase)) return;
    if (this.#state.completedSegments >= this.#parts.settings.segmentCap) {
      this.#complete('segment_cap', 1000, 'segment_cap');
    } else {
      this.#pump();
    }
  }

  #generationRequest(segmentIdx: number, prompt: SegmentPrompt): GenerationRequest {
    const { defaultRequest } = this.#parts.settings;
    const { continuation, singleClip } = this.#state;
    const image = this.#image && (segmentIdx === 0 || singleClip) ? { initImagePath: this.#image.path } : {};
    return {
      ...defaultRequest,
      prompt: prompt.prompt,
      ...(prompt.negativePrompt === undefined ? {} : { negativePrompt: prompt.negativePrompt }),
      seed: prompt.seed ?? defaultRequest.seed,
      numInferenceSteps: prompt.numInferenceSteps ?? defaultRequest.numInferenceSteps,
      guidanceScale: prompt.guidanceScale ?? defaultRequest.guidanceScale,
      ...(continuation && !singleClip ? { continuationState: continuation } : {}),
      ...image,
    };
  }

  /** Requests that will not be made any more get their answer: none vanishes. */
  #refuseWaiting(why: string): void {
    for (const { prompt } of this.#state.waiting) {
      const short = prompt.length > 60 ? `${prompt.slice(0, 57)}...` : prompt;
      this.sendError(new FastVideoError('session_rejected', `"${short}" was not made: ${why}`));
    }
    this.#state = { ...this.#state, waiting: [] };
  }

  #complete(reason: StreamEnd, closeCode: number, closeReason: string): void {
    if (isFinal(this.#state.phase)) return;
    const wasActive = this.#state.phase === 'ACTIVE';
    this.#refuseWaiting('the session has ended.');
    if (wasActive) this.send({ type: 'ltx2_stream_complete', reason });
    this.#end('COMPLETE', closeCode, closeReason);
  }

  #fail(error: FastVideoError): void {
    if (isFinal(this.#state.phase)) return;
    this.#refuseWaiting('the session could not be opened.');
    this.sendError(error);
    this.#end('ERROR', error.entry.closeCode, error.code);
  }

  /** Gives everything back, once. */
  #end(phase: SessionPhase, closeCode = 1000, closeReason = ''): void {
    if (this.#over.signal.aborted) return;
    // A client may leave in any state; the contract's ways are for sessions that end by themselves.
    if (!isFinal(this.#state.phase)) this.#state = { ...this.#state, phase };
    this.#over.abort(new Error('The session has ended.'));
    this.#job?.abandon();
    this.#parts.pool.release(this.id);
    this.#admission.release();
    this.#log.write('session_end', { phase: this.#state.phase, segments: this.#state.completedSegments });
    this.#log.close();
    this.#logger.info({ phase: this.#state.phase, segments: this.#state.completedSegments }, 'session ended');
    this.#image?.remove().catch((error: unknown) => {
      this.#logger.warn({ error: errorMessage(error) }, 'initial image could not be removed');
    });
    this.#socket.close(closeCode, closeReason);
    // A peer that never answers the close must not keep the connection.
    void this.#socket.closed(closeGraceMs);
  }
}

export function errorFrame(error: FastVideoError): ServerFrame {
  const code =
    wireErrorCodes.find((known) => known === error.code) ?? ('internal_error' satisfies WireErrorCode);
  return { type: 'error', code, message: error.message, retryable: error.retryable };
}
