import type { ContinuationState } from '../protocol/continuation-state.ts';
import type { ClientFrameInput } from '../protocol/native/client-frames.ts';
import { parseServerFrame } from '../protocol/native/parse.ts';
import type { ServerFrame } from '../protocol/native/server-frames.ts';
import type { StreamObserver, StreamProgress } from './client-event.ts';
import type { Film } from './film/film.ts';
import { type Failure, failureOf } from './segment-failure.ts';
import type { SegmentPlan } from './segment-plan.ts';
import type { ConnectionSummary } from './session-end.ts';
import { promptFrame, type Resume, sessionInit, toggleFrames } from './session-frames.ts';
import { goesOnByItself, type StreamRequest } from './stream-request.ts';

export interface ClientSessionParts {
  readonly plan: SegmentPlan;
  readonly film: Film;
  readonly observer: StreamObserver;
  /** Prompts that the server walks by itself. */
  readonly curated: readonly string[];
  readonly send: (frame: ClientFrameInput) => void;
  readonly onState: (state: ContinuationState) => void;
  /** `ltx2_stream_start` came. */
  readonly onActive: () => void;
  readonly onSegment: () => void;
  /** Throws when it ends the film. */
  readonly onFailure: (failure: Failure) => void;
  readonly tell: (change: Partial<StreamProgress>) => void;
}

/**
 * The session of one connection: sends what the plan asks for, and takes what the server says into the plan and the
 * film. Knows no socket.
 */
export class ClientSession {
  readonly #request: StreamRequest;
  readonly #parts: ClientSessionParts;
  readonly #auto: boolean;
  #summary: ConnectionSummary;
  #sessionId: string;
  #resume: Resume | undefined;
  #initExpected = false;
  #snapshotsDue = 0;
  /** Binary messages of the segment with media in them. */
  #chunks = 0;
  /** A resumed session is asked where it stands before anything is asked for. */
  #checking = false;
  /** The server has been told to go on by itself. */
  #toggled: boolean;

  /** `resume`: the session of an earlier connection, which it goes on with. */
  constructor(request: StreamRequest, parts: ClientSessionParts, resume: Resume | undefined) {
    this.#request = request;
    this.#parts = parts;
    this.#auto = goesOnByItself(request);
    this.#resume = resume;
    this.#sessionId = resume?.session_id ?? '';
    this.#summary = { leaving: false, active: false, resuming: resume !== undefined };
    this.#toggled = !this.#auto || (resume === undefined && !parts.plan.hasReplays);
  }

  /** What was told until now. */
  get summary(): ConnectionSummary {
    return this.#summary;
  }

  /** What it can be resumed with; undefined where it cannot. */
  get resume(): Resume | undefined {
    return this.#resume;
  }

  /** The first frame of the connection. */
  init(): ClientFrameInput {
    const { plan, curated } = this.#parts;
    return sessionInit(this.#request, {
      resume: this.#resume,
      state: plan.state,
      curated,
      made: plan.made,
      goOnAtOnce: !plan.hasReplays,
    });
  }

  /** Sends what can be sent now; `isDone`: nothing more is to be made. */
  pursue(isDone: boolean): void {
    const { plan, send } = this.#parts;
    if (!this.#summary.active || this.#summary.leaving || this.#summary.complete !== undefined) return;
    if (isDone || plan.wantsNewSession) {
      this.#leave();
      return;
    }
    if (this.#checking) return;
    const next = plan.takeNext();
    if (next) send(promptFrame(next, this.#request));
    if (!this.#toggled && !plan.hasReplays && !plan.limitReached) this.#toggle(true);
  }

  takeText(text: string): void {
    this.#parts.observer.text(text);
    const parsed = parseServerFrame(text);
    if (parsed.ok) this.#takeFrame(parsed.frame);
    else this.#parts.observer.event({ event: 'unreadable', problem: parsed.problem });
  }

  /** A session that was left is over for the film: what it still sends belongs to nobody. */
  async takeBinary(data: Buffer): Promise<void> {
    const { film, plan, tell } = this.#parts;
    if (this.#summary.leaving) return;
    const isInit = this.#initExpected;
    this.#initExpected = false;
    if (!isInit) this.#chunks += 1;
    if (isInit) film.init(data);
    else if (plan.running?.replay === false && !plan.limitReached) await film.media(data);
    // What is dropped takes time on the server's line, and none in the film.
    else film.beginTimeline();
    tell({ bytes: film.bytes });
  }

  #leave(): void {
    this.#summary = { ...this.#summary, leaving: true };
    this.#parts.send({ type: 'leave' });
  }

  #toggle(on: boolean): void {
    this.#toggled = true;
    for (const frame of toggleFrames(this.#request, on)) this.#parts.send(frame);
  }

  #takeFrame(frame: ServerFrame): void {
    const { plan, film, tell, onActive } = this.#parts;
    if (this.#summary.leaving) return;
    switch (frame.type) {
      case 'queue_status':
        if (frame.resume_token !== undefined) this.#keepToken(this.#sessionId, frame.resume_token);
        tell({ phase: 'queued', position: frame.position, queueReason: frame.reason });
        return;
      case 'gpu_assigned':
        this.#keepToken(frame.session_id, frame.resume_token);
        return;
      case 'ltx2_stream_start':
        this.#summary = { ...this.#summary, active: true };
        onActive();
        film.beginTimeline();
        this.#checking = this.#summary.resuming && !plan.stateless && !this.#auto;
        if (this.#checking) this.#askForState();
        tell({ phase: 'active' });
        return;
      case 'ltx2_segment_start':
        plan.begin(frame.prompt, frame.source, frame.segment_idx);
        this.#chunks = 0;
        if (this.#auto && plan.runsLast) this.#toggle(false);
        tell({ isGenerating: true, step: 0, totalSteps: frame.total_steps });
        return;
      case 'step_complete':
        tell({ step: frame.step, totalSteps: frame.total_steps });
        return;
      case 'media_init':
        this.#initExpected = true;
        return;
      case 'media_segment_complete':
        this.#checkChunks(frame);
        plan.mediaComplete();
        return;
      case 'ltx2_segment_complete':
        this.#segmentComplete();
        return;
      case 'continuation_state_snapshot':
        this.#takeState(frame.state);
        return;
      case 'ltx2_stream_complete':
        this.#summary = { ...this.#summary, complete: frame.reason };
        return;
      case 'session_timeout':
        this.#summary = { ...this.#summary, timedOut: true };
        return;
      case 'error':
        this.#takeError(frame);
        return;
      default:
        return;
    }
  }

  /** Goes by the messages, as a gap in the times may be the server's own. */
  #checkChunks({ segment_idx, chunks }: Extract<ServerFrame, { type: 'media_segment_complete' }>): void {
    const { plan, observer } = this.#parts;
    const missing = chunks - this.#chunks;
    if (missing <= 0 || plan.running?.replay !== false || plan.runningIdx !== segment_idx) return;
    const { prompt } = plan.running;
    observer.event({ event: 'media_missing', prompt, segment_idx, missing, chunks });
  }

  #keepToken(session_id: string, resume_token: string | undefined): void {
    this.#sessionId = session_id;
    this.#resume = resume_token === undefined ? undefined : { session_id, resume_token };
  }

  #segmentComplete(): void {
    const { plan, tell, onSegment } = this.#parts;
    plan.complete();
    onSegment();
    tell({ made: plan.made, isGenerating: false, step: 0, totalSteps: 0 });
    if (!plan.stateless) this.#askForState();
  }

  /**
   * Whole, not by reference: another server may have to go on from it. Answered at once, also while the next segment is
   * made, so that the answer is the state after the last segment that came.
   */
  #askForState(): void {
    this.#snapshotsDue += 1;
    this.#parts.send({ type: 'snapshot_state', blobs: 'inline' });
  }

  /** Undefined: the server has none. */
  #takeState(state: ContinuationState | undefined): void {
    const { plan, onState } = this.#parts;
    // One that comes at the segment cap was not asked for.
    this.#snapshotsDue = Math.max(0, this.#snapshotsDue - 1);
    if (this.#checking && !plan.standsAt(state)) {
      this.#leave();
      return;
    }
    if (state) {
      plan.snapshot(state);
      onState(state);
    } else if (!this.#checking) plan.noState();
    this.#checking = false;
  }

  #takeError(frame: Extract<ServerFrame, { type: 'error' }>): void {
    const { plan, onFailure } = this.#parts;
    this.#summary = { ...this.#summary, error: frame };
    // What ends the session is told by its close.
    if (!this.#summary.active || frame.code === 'session_rejected') return;
    if (this.#snapshotsDue > 0 && answersSnapshot(frame)) {
      this.#takeState(undefined);
      return;
    }
    onFailure(failureOf(frame, plan, this.#request.onError));
  }
}

/** A server that does not say what an error is about has no other reason for `internal_error` then. */
function answersSnapshot({ code, about }: Extract<ServerFrame, { type: 'error' }>): boolean {
  return about ? about.message === 'snapshot_state' : code === 'internal_error';
}
