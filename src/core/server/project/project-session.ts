import { randomUUID } from 'node:crypto';
import { FastVideoError, toFastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { WorkerInfo } from '../../pool/pool.ts';
import { WorkerWait } from '../../pool/worker-wait.ts';
import type { AlreadySent } from '../../protocol/checkpoint.ts';
import type { SessionStatus } from '../../protocol/http/status.ts';
import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';
import type { CheckpointMembers } from '../../sessions/checkpoint-members.ts';
import { checkTransition, isFinal, type SessionPhase } from '../../sessions/phase.ts';
import { advance } from '../../sessions/project/advance.ts';
import { projectMembers } from '../../sessions/project/project-checkpoint.ts';
import {
  openingFrames,
  type ProjectSegment,
  type ProjectState,
  type Step,
} from '../../sessions/project/project-state.ts';
import { endSegment } from '../../sessions/project/segment-steps.ts';
import { waitingPrompts } from '../../sessions/project/user-prompts.ts';
import type { Admission, LiveSession } from '../../sessions/registry.ts';
import type { Session } from '../../sessions/session.ts';
import type { SessionLog } from '../../sessions/session-log.ts';
import type { ClientSocket } from '../client-socket.ts';
import { timelineAfter } from '../delivery-progress.ts';
import { InvalidOpening } from '../native/admission.ts';
import { errorFrame } from '../native/error-frame.ts';
import type { StreamParts } from '../native/stream-settings.ts';
import { SessionWire } from '../session-wire.ts';
import { soundProblem } from '../sound-problem.ts';
import { AutoExtension } from './auto-extension.ts';
import { projectRequest } from './generation-request.ts';
import type { GivenImage } from './opening.ts';
import { type PictureOrigin, ProjectPicture } from './picture.ts';
import type { ProjectHost } from './project-host.ts';
import { ProjectPromptDesk } from './prompt-pipeline.ts';
import { queueFrame } from './queue-frame.ts';
import { ProjectRewrite } from './seed-rewrite.ts';
import { ProjectSegmentJob } from './segment-job.ts';

export interface ProjectBeginning {
  readonly socket: ClientSocket;
  readonly admission: Admission;
  readonly state: ProjectState;
  readonly image: GivenImage | undefined;
  /** Whether the client asked for checkpoints. */
  readonly checkpoints: boolean;
  /** Set for a session that goes on from a checkpoint. */
  readonly restored?: RestoredProject;
}

/** What another replica has told the client. */
export interface RestoredProject {
  /** Whether the client has had the opening frames. */
  readonly begun: boolean;
  readonly streamId: string | null;
  /** Whether it was told that the segment begins. */
  readonly segmentTold: boolean;
  readonly picture: PictureOrigin;
  /** What it has of the segment that was being made. */
  readonly alreadySent: AlreadySent | undefined;
}

interface SessionEnding {
  readonly phase: SessionPhase;
  readonly closeCode: number;
  readonly closeReason: string;
}

/** One session of the project dialect: the state, the worker that it is bound to, and the segment being made. */
export class ProjectSession implements LiveSession, ProjectHost {
  readonly id: string;
  readonly rewrite: ProjectRewrite;
  readonly #parts: StreamParts;
  readonly #socket: ClientSocket;
  readonly #wire: SessionWire;
  readonly #restored: RestoredProject | undefined;
  readonly #admission: Admission;
  readonly #log: SessionLog;
  readonly #logger: Logger;
  readonly #bindingId = randomUUID();
  /** Aborts when the session has ended, for whatever reason. */
  readonly #over = new AbortController();
  readonly #pipeline: ProjectPromptDesk;
  readonly #wait: WorkerWait;
  readonly #extension: AutoExtension;
  #phase: SessionPhase = 'INITIALIZING';
  #state: ProjectState;
  readonly #picture: ProjectPicture;
  #worker: WorkerInfo | undefined;
  #job: ProjectSegmentJob | undefined;
  #jobsBegun = 0;
  /** Names the media of the segment that is being made. */
  #streamId: string | null;
  /** Whether the client was told that it begins. */
  #segmentTold: boolean;
  /** Whether the client was told how the session begins. */
  #begun: boolean;
  #goingOn = false;
  #draining = false;
  #lastActivity = performance.now();

  constructor(
    parts: StreamParts,
    { socket, admission, state, image, checkpoints, restored }: ProjectBeginning,
  ) {
    this.id = admission.id;
    this.#parts = parts;
    this.#socket = socket;
    this.#restored = restored;
    this.#begun = restored?.begun ?? false;
    this.#streamId = restored?.streamId ?? null;
    this.#segmentTold = restored?.segmentTold ?? false;
    this.#wire = new SessionWire(socket, parts.logger, checkpoints ? () => this.#members() : undefined);
    this.#admission = admission;
    this.#state = state;
    const { gate, enhancer, settings } = parts;
    const { segmentCap } = settings;
    const { rewriteDefaults: defaults } = parts;
    this.#pipeline = new ProjectPromptDesk(this, gate, enhancer, defaults);
    this.#extension = new AutoExtension(this, gate, enhancer, { segmentCap, defaults });
    this.rewrite = new ProjectRewrite(this, gate, enhancer, { segmentCap, defaults });
    this.#wait = new WorkerWait(parts.pool, (waiting) => {
      if (this.#phase === 'INITIALIZING') this.#enter('QUEUED');
      this.#wire.sendAtOnce(queueFrame(parts.pool, waiting));
    });
    this.#log = parts.openSessionLog(this.id);
    this.#logger = parts.logger.child({ session_id: this.id });
    this.#picture = new ProjectPicture(image?.stored, restored?.picture ?? 'opening', this.#logger);
    this.#log.write('session_init', { preset: state.presetId, curated_prompts: state.seeds });
    const onGone = () => this.#end({ phase: 'COMPLETE', closeCode: 1000, closeReason: '' });
    socket.gone.addEventListener('abort', onGone, { once: true });
    admission.attach(this);
    if (socket.isOver) onGone();
  }

  get phase(): SessionPhase {
    return this.#phase;
  }

  get state(): ProjectState {
    return this.#state;
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Waits for a worker, and goes on with it. Never throws. */
  async open(): Promise<void> {
    try {
      this.#worker = await this.#wait.acquire(this.#bindingId, this.over);
    } catch (error) {
      if (!this.over.aborted) this.#fail(toFastVideoError(error));
      return;
    }
    // The client may have left between the binding and here.
    if (this.over.aborted) {
      this.#parts.pool.release(this.#bindingId);
      return;
    }
    this.#enter('GPU_BINDING');
    const problem = this.#soundProblem(this.#worker);
    if (problem !== undefined) {
      this.#fail(new InvalidOpening('invalid_init', `session_init_v2: checkpoint: ${problem}.`));
      return;
    }
    this.#enter('ACTIVE');
    const { gpuId, workerId, modelId } = this.#worker;
    const session_timeout = this.#parts.settings.sessionTimeoutMs / 1000;
    this.#wire.begin({
      type: 'gpu_assigned',
      gpu_id: gpuId,
      session_timeout,
    } satisfies ProjectServerFrame);
    this.#log.write('gpu_assigned', { worker_id: workerId, model_id: modelId });
    this.#logger.info({ worker_id: workerId, dialect: 'project' }, 'session active');
    this.touch();
    if (this.#begun) {
      this.#goOnFrom(this.#restored?.alreadySent);
      return;
    }
    this.#begun = true;
    this.begin({ state: this.#state, frames: openingFrames(this.#state) });
  }

  /** What was under way where the session was before comes first. */
  #goOnFrom(alreadySent: AlreadySent | undefined): void {
    const { current } = this.#state;
    if (current) this.#make(current, alreadySent);
    this.rewrite.goOn();
    this.#goOn();
  }

  /** Begins a project; its first rewrite, where it waits for one, is begun too. */
  begin(project: Step): void {
    this.take(project);
    const { waitingFor, rolloutPrompt, rewriteSettings } = this.#state;
    if (waitingFor !== 'initial_rewrite' || rolloutPrompt === undefined) return;
    try {
      const wish = { instruction: rolloutPrompt, window: [], settings: rewriteSettings };
      this.rewrite.begin({ by: 'server', ...wish });
    } catch (error) {
      this.sendError(toFastVideoError(error));
    }
  }

  take({ state, frames }: Step): void {
    if (this.over.aborted) return;
    this.#tell({ state, frames });
    this.#goOn();
  }

  /** The client's message of that number, counted from 1 behind the first frame, has had its effect. */
  done(message: number): void {
    this.#wire.done(message);
  }

  #tell({ state, frames }: Step): void {
    this.#state = state;
    this.#wire.changed();
    for (const frame of frames) this.send(frame);
  }

  /** The picture that the next streams start from. */
  startFrom(image: GivenImage | undefined): void {
    // Without checkpoints nobody asks for the picture as it came.
    const origin = this.#wire.sendsCheckpoints ? image?.given : undefined;
    this.#picture.replace(image?.stored, origin ?? null, this.#job?.ended);
    this.#wire.changed();
  }

  /** A frame of the client came: the idle clock starts anew. */
  touch(): void {
    this.#lastActivity = performance.now();
  }

  send(frame: ProjectServerFrame): void {
    this.#wire.sendFrame(frame);
  }

  sendError(error: FastVideoError): void {
    this.send(this.#errorFrame(error));
  }

  leave(): void {
    this.#complete({ closeCode: 1000, closeReason: 'leave' });
  }

  idleMs(now: number): number {
    return this.#job || this.rewrite.running ? 0 : now - this.#lastActivity;
  }

  expire(): void {
    // While it waits for a worker the acquire time-out rules.
    if (this.#phase !== 'ACTIVE') return;
    const seconds = this.#parts.settings.sessionTimeoutMs / 1000;
    this.#parts.metrics.sessionTimedOut();
    this.send({ type: 'session_timeout', message: `The session ends after ${seconds} s without activity.` });
    this.#end({ phase: 'TIMEOUT', closeCode: 1000, closeReason: 'session_timeout' });
  }

  async drain(): Promise<void> {
    this.#draining = true;
    // Those that wait for a worker end first, or they would get the one that another session leaves.
    if (this.#phase === 'ACTIVE') await this.#job?.ended;
    this.#endForDrain();
    await this.#socket.closed();
  }

  async terminate(): Promise<void> {
    this.#endForDrain();
  }

  /** No client has a token for a session of this dialect. */
  async supersede(): Promise<Session> {
    throw new FastVideoError('session_rejected', 'The session cannot be resumed.');
  }

  describe(now: number): SessionStatus {
    const { step, totalSteps } = this.#job?.progress ?? { step: 0, totalSteps: 0 };
    return {
      session_id: this.id,
      state: this.#phase,
      worker_id: this.#parts.pool.workerOf(this.#bindingId) ?? null,
      segment_idx: this.#state.current?.segmentIdx ?? null,
      step,
      total_steps: totalSteps,
      completed_segments: this.#state.completedSegments,
      waiting_requests: waitingPrompts(this.#state),
      idle_seconds: Math.max(0, Math.round(this.idleMs(now)) / 1000),
    };
  }

  /** Does what there is to do by itself, until something has to come from outside. */
  #goOn(): void {
    // What is done below may come back here; the loop sees the new state.
    if (this.#goingOn) return;
    this.#goingOn = true;
    while (this.#worker && !this.#draining && !this.over.aborted) {
      const step = advance(this.#state, this.#parts.settings.segmentCap);
      if (step) {
        this.take(step);
        if (this.#state.current) this.#make(this.#state.current, undefined);
        continue;
      }
      const before = this.#state;
      this.#pipeline.consider();
      this.#extension.consider();
      if (this.#state === before) break;
    }
    this.#goingOn = false;
  }

  #make(segment: ProjectSegment, alreadySent: AlreadySent | undefined): void {
    const { pool, metrics, settings } = this.#parts;
    const parts = {
      pool,
      metrics,
      wire: this.#wire,
      bindingId: this.#bindingId,
      log: this.#log,
      logger: this.#logger,
      tellStart: (frames: readonly ProjectServerFrame[]) => {
        this.#segmentTold = true;
        this.#tell({ state: this.#state, frames });
      },
      errorFrame: (error: FastVideoError) => this.#errorFrame(error),
    };
    this.#jobsBegun += 1;
    const streamId = this.#streamId ?? `${this.id}-${this.#jobsBegun}`;
    this.#streamId = streamId;
    const job = new ProjectSegmentJob(parts, {
      segment,
      streamId,
      timeline: this.#state.timeline,
      generation: projectRequest(settings, this.#state, segment, this.#picture.image),
      told: this.#segmentTold,
      alreadySent,
    });
    this.#job = job;
    void job.ended.then(({ outcome, frames }) => {
      this.#job = undefined;
      if (this.over.aborted) return;
      this.#streamId = null;
      this.#segmentTold = false;
      this.touch();
      const end = endSegment(this.#state, outcome);
      this.#tell({ state: end.state, frames: [...frames, ...end.frames] });
      // The end of a segment is told apart from what comes next.
      this.#wire.flush();
      this.#goOn();
    });
  }

  #members(): CheckpointMembers {
    return {
      begun: this.#begun,
      stream_id: this.#streamId,
      segment_told: this.#segmentTold,
      picture: this.#picture.origin,
      ...projectMembers(this.#state),
    };
  }

  /** What a checkpoint says of the sound may be anything. */
  #soundProblem(worker: WorkerInfo): string | undefined {
    if (!this.#restored) return undefined;
    const { timeline } = this.#state;
    const { alreadySent } = this.#restored;
    const { fps } = this.#parts.settings.defaultRequest;
    const end = alreadySent ? timelineAfter(timeline, alreadySent) : timeline;
    return soundProblem(timeline, fps, worker) ?? soundProblem(end, fps, worker);
  }

  /** Counts and logs the error; what the client is told of it. */
  #errorFrame(error: FastVideoError): ProjectServerFrame {
    this.#parts.metrics.errorSent(error, this.id);
    this.#log.write('error', { code: error.code, message: error.message });
    return errorFrame(error);
  }

  #endForDrain(): void {
    if (isFinal(this.#phase)) return;
    const message = 'The server is shutting down; connect again.';
    const error = new FastVideoError('session_rejected', message, { retryable: true });
    if (this.#phase !== 'ACTIVE') {
      this.#wait.drain();
      this.#fail(error);
      return;
    }
    if (this.#wire.sendsCheckpoints) {
      // Who reads them goes on with the session elsewhere.
      this.#end({ phase: 'COMPLETE', closeCode: 1001, closeReason: 'server_draining' });
      return;
    }
    this.sendError(error);
    this.#complete({ closeCode: 1001, closeReason: 'server_draining' });
  }

  #complete(ending: Omit<SessionEnding, 'phase'>): void {
    if (this.#state.streaming && !this.over.aborted) this.send({ type: 'ltx2_stream_complete' });
    this.#end({ ...ending, phase: 'COMPLETE' });
  }

  #fail(error: FastVideoError): void {
    this.sendError(error);
    const closeReason = error instanceof InvalidOpening ? error.closeReason : error.code;
    this.#end({ phase: 'ERROR', closeCode: error.entry.closeCode, closeReason });
  }

  #enter(phase: SessionPhase): void {
    checkTransition(this.#phase, phase);
    this.#phase = phase;
  }

  /** Gives everything back, once. A client may leave in any phase. */
  #end({ phase, closeCode, closeReason }: SessionEnding): void {
    if (this.over.aborted) return;
    this.#phase = phase;
    this.#over.abort(new Error('The session has ended.'));
    this.#job?.abandon();
    this.#parts.pool.release(this.#bindingId);
    this.#admission.release();
    this.#log.write('session_end', { phase, segments: this.#state.completedSegments });
    this.#log.close();
    this.#logger.info({ phase, segments: this.#state.completedSegments }, 'session ended');
    this.#picture.replace(undefined, null, this.#job?.ended);
    this.#wire.close(closeCode, closeReason);
  }
}
