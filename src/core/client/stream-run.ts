import { pause } from '../base/async/aborted.ts';
import { Queue } from '../base/async/queue.ts';
import { FastVideoError } from '../base/errors.ts';
import type { ContinuationState } from '../protocol/continuation-state.ts';
import type { ClientFrameInput } from '../protocol/native/client-frames.ts';
import { parseServerFrame } from '../protocol/native/parse.ts';
import type { ServerFrame } from '../protocol/native/server-frames.ts';
import { Backoff } from './backoff.ts';
import type { StreamProgress } from './client-event.ts';
import { Connection, type ConnectionEnd, type ConnectionEvent } from './connection.ts';
import { endOf } from './end-of-connection.ts';
import type { Film } from './film/film.ts';
import type { PromptReader } from './prompt-reader.ts';
import { type Failure, failureOf } from './segment-failure.ts';
import type { SegmentPlan } from './segment-plan.ts';
import { type ConnectionSummary, type SessionEnd, sessionEndOf } from './session-end.ts';
import { promptFrame, sessionInit, toggleFrames } from './session-frames.ts';
import type { StreamFilmParts, StreamRequest } from './stream-request.ts';
import { showStreamUrl } from './stream-url.ts';

interface RunParts extends Omit<StreamFilmParts, 'prompts'> {
  readonly plan: SegmentPlan;
  readonly film: Film;
  readonly prompts: PromptReader;
  /** Prompts that the server walks by itself. */
  readonly curated: readonly string[];
}

type RunEvent =
  | { readonly type: 'connection'; readonly event: ConnectionEvent; readonly from: number }
  | { readonly type: 'read' }
  | { readonly type: 'read_failed'; readonly error: unknown };

/** What follows a message of the server. */
type Resume = { readonly session_id: string; readonly resume_token: string };

const newSummary: ConnectionSummary = { leaving: false, active: false, resuming: false };
/** Segments in a row that the server chose itself and could not make. */
const mostOwnFailures = 3;

/** Joins the plan, the film and the connections: one event after the other, nothing at the same time. */
export class StreamRun {
  readonly #request: StreamRequest;
  readonly #parts: RunParts;
  readonly #events = new Queue<RunEvent>();
  readonly #address: string;
  #connection: Connection | undefined;
  /** Counts the connections; what an older one still says is passed over. */
  #number = 0;
  #summary: ConnectionSummary = newSummary;
  #resume: Resume | undefined;
  #sessionId = '';
  #everConnected = false;
  readonly #backoff: Backoff;
  #initExpected = false;
  #snapshotsDue = 0;
  /** A resumed session is asked where it stands before anything is asked for. */
  #checking = false;
  /** The server has been told to go on by itself. */
  #toggled = false;
  #ownFailures = 0;
  #lastFailure: FastVideoError | undefined;
  #progress: StreamProgress = { phase: 'connecting', position: 0, made: 0, step: 0, totalSteps: 0, bytes: 0 };

  constructor(request: StreamRequest, parts: RunParts) {
    this.#request = request;
    this.#parts = parts;
    this.#backoff = new Backoff(request.reconnectMs);
    this.#address = showStreamUrl(request.target.url);
  }

  async run(): Promise<void> {
    const { signal } = this.#parts;
    try {
      while (!this.#finished()) {
        this.#act();
        await this.#take(await this.#events.take(signal));
      }
      this.#checkFilm();
    } finally {
      await this.#leaveNow();
    }
  }

  /** Leaves the session, so that its worker is free at once, and waits for the end of the connection. */
  async #leaveNow(): Promise<void> {
    const connection = this.#connection;
    if (!connection) return;
    const from = this.#number;
    connection.send({ type: 'leave' });
    await endOf(connection, async (limit) => {
      const event = await this.#events.take(limit);
      return event?.type === 'connection' && event.from === from ? event.event : undefined;
    });
  }

  get #auto(): boolean {
    return this.#request.loop || this.#request.autoExtend;
  }

  /** Every segment is made, and no state is waited for. */
  get #done(): boolean {
    const { plan, prompts } = this.#parts;
    if (plan.limitReached) return !this.#stateMissing;
    return !this.#auto && prompts.ended && !plan.hasWork && !this.#stateMissing;
  }

  get #stateMissing(): boolean {
    return this.#request.wantState && !this.#parts.plan.stateIsLast;
  }

  #finished(): boolean {
    return this.#done && (!this.#connection || this.#summary.leaving);
  }

  #checkFilm(): void {
    if (this.#parts.plan.made === 0 && this.#lastFailure) throw this.#lastFailure;
  }

  /** Does what can be done now. */
  #act(): void {
    const { plan, prompts } = this.#parts;
    if (!this.#auto) {
      prompts.feed(plan, (error) => {
        this.#events.offer(error === undefined ? { type: 'read' } : { type: 'read_failed', error });
      });
    }
    if (!this.#connection) {
      if (!this.#done && (this.#auto || plan.hasWork || this.#stateMissing)) this.#connect();
      return;
    }
    if (!this.#summary.active || this.#summary.leaving || this.#summary.complete !== undefined) return;
    if (this.#done || plan.wantsNewSession) {
      this.#leave();
      return;
    }
    if (this.#checking) return;
    const next = plan.takeNext();
    if (next) this.#send(promptFrame(next, this.#request));
    if (!this.#toggled && !plan.hasReplays && !plan.limitReached) this.#toggle(true);
  }

  #leave(): void {
    this.#summary = { ...this.#summary, leaving: true };
    this.#send({ type: 'leave' });
  }

  #toggle(on: boolean): void {
    this.#toggled = true;
    for (const frame of toggleFrames(this.#request, on)) this.#send(frame);
  }

  #connect(): void {
    const { plan, observer, curated } = this.#parts;
    const from = this.#number + 1;
    this.#number = from;
    this.#summary = { ...newSummary, resuming: this.#resume !== undefined };
    if (!this.#resume) plan.newSession();
    this.#snapshotsDue = 0;
    this.#checking = false;
    this.#initExpected = false;
    const init = sessionInit(this.#request, {
      resume: this.#resume,
      state: plan.state,
      curated,
      made: plan.made,
      goOnAtOnce: !plan.hasReplays,
    });
    this.#toggled = !this.#auto || (!this.#resume && !plan.hasReplays);
    observer.event({ event: 'connecting', url: this.#address, resume: this.#summary.resuming });
    this.#tell({ phase: this.#backoff.waiting ? 'away' : 'connecting' });
    const connection = new Connection(this.#request.target, (event) => {
      if (event.type === 'opened') connection.send(init);
      this.#events.offer({ type: 'connection', event, from });
    });
    this.#connection = connection;
  }

  async #take(event: RunEvent | undefined): Promise<void> {
    if (!event || event.type === 'read') return;
    if (event.type === 'read_failed') throw event.error;
    if (event.from !== this.#number) return;
    await this.#takeConnectionEvent(event.event);
  }

  async #takeConnectionEvent(event: ConnectionEvent): Promise<void> {
    switch (event.type) {
      case 'opened':
        this.#everConnected = true;
        this.#parts.observer.event({ event: 'connected' });
        return;
      case 'text':
        this.#parts.observer.text(event.text);
        this.#takeText(event.text);
        this.#connection?.taken(Buffer.byteLength(event.text));
        return;
      case 'binary':
        await this.#takeBinary(event.data);
        this.#connection?.taken(event.data.length);
        return;
      case 'closed':
        this.#connection = undefined;
        await this.#closed(event.end);
        return;
    }
  }

  #takeText(text: string): void {
    const parsed = parseServerFrame(text);
    if (parsed.ok) this.#takeFrame(parsed.frame);
    else this.#parts.observer.event({ event: 'unreadable', problem: parsed.problem });
  }

  /** A session that was left is over for the film: what it still sends belongs to nobody. */
  async #takeBinary(data: Buffer): Promise<void> {
    const { film, plan } = this.#parts;
    if (this.#summary.leaving) return;
    const isInit = this.#initExpected;
    this.#initExpected = false;
    if (isInit) film.init(data);
    else if (plan.running?.replay === false && !plan.limitReached) await film.media(data);
    // What is dropped takes time on the server's line, and none in the film.
    else film.beginTimeline();
    this.#tell({ bytes: film.bytes });
  }

  #takeFrame(frame: ServerFrame): void {
    const { plan, film } = this.#parts;
    if (this.#summary.leaving) return;
    switch (frame.type) {
      case 'queue_status':
        if (frame.resume_token !== undefined) this.#keepToken(this.#sessionId, frame.resume_token);
        this.#tell({ phase: 'queued', position: frame.position, queueReason: frame.reason });
        return;
      case 'gpu_assigned':
        this.#keepToken(frame.session_id, frame.resume_token);
        return;
      case 'ltx2_stream_start':
        this.#summary = { ...this.#summary, active: true };
        this.#backoff.done();
        film.beginTimeline();
        this.#checking = this.#summary.resuming && !plan.stateless && !this.#auto;
        if (this.#checking) this.#askForState();
        this.#tell({ phase: 'active' });
        return;
      case 'ltx2_segment_start':
        plan.begin(frame.prompt, frame.source);
        if (this.#auto && plan.runsLast) this.#toggle(false);
        this.#tell({ step: 0, totalSteps: frame.total_steps });
        return;
      case 'step_complete':
        this.#tell({ step: frame.step, totalSteps: frame.total_steps });
        return;
      case 'media_init':
        this.#initExpected = true;
        return;
      case 'media_segment_complete':
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

  #keepToken(session_id: string, resume_token: string | undefined): void {
    this.#sessionId = session_id;
    this.#resume = resume_token === undefined ? undefined : { session_id, resume_token };
  }

  #segmentComplete(): void {
    const { plan } = this.#parts;
    plan.complete();
    this.#ownFailures = 0;
    this.#tell({ made: plan.made, step: 0, totalSteps: 0 });
    if (!plan.stateless) this.#askForState();
  }

  /**
   * Whole, not by reference: another server may have to go on from it. Answered at once, also while the next segment is
   * made, so that the answer is the state after the last segment that came.
   */
  #askForState(): void {
    this.#snapshotsDue += 1;
    this.#send({ type: 'snapshot_state', blobs: 'inline' });
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
    const { plan } = this.#parts;
    this.#summary = { ...this.#summary, error: frame };
    // What ends the session is told by its close.
    if (!this.#summary.active || frame.code === 'session_rejected') return;
    if (frame.code === 'internal_error' && this.#snapshotsDue > 0) {
      this.#takeState(undefined);
      return;
    }
    const failure = failureOf(frame, plan, this.#request.onError);
    if (failure.failed?.own && failure.next !== 'failed') this.#ownFailures += 1;
    this.#tellFailure(this.#ownFailures >= mostOwnFailures ? { ...failure, next: 'failed' } : failure);
  }

  #tellFailure({ failed, error, next }: Failure): void {
    const { plan, observer } = this.#parts;
    const prompt = failed?.request.prompt ?? '';
    observer.event({ event: 'segment_failed', prompt, code: error.code, message: error.message, next });
    if (next === 'failed') throw error;
    this.#lastFailure = error;
    if (next === 'again' && failed && !failed.own) plan.again(failed.request);
    if (next === 'skipped') plan.skip();
  }

  async #closed(end: ConnectionEnd): Promise<void> {
    const { plan, observer } = this.#parts;
    const what = sessionEndOf(end, this.#summary, this.#address);
    plan.connectionLost();
    if (this.#done) return;
    switch (what.type) {
      case 'refused':
        throw what.error;
      case 'lost':
        await this.#pause(what);
        return;
      case 'left':
        observer.event({ event: 'session_ended', why: 'renewed' });
        break;
      case 'cap':
        if (!plan.capReached()) throw this.#capError();
        observer.event({ event: 'session_ended', why: 'segment_cap' });
        break;
      case 'idle':
        observer.event({ event: 'session_ended', why: 'idle' });
        break;
      case 'gone':
        observer.event({ event: 'session_ended', why: 'not_resumable' });
        break;
    }
    this.#resume = undefined;
    this.#summary = newSummary;
  }

  #capError(): FastVideoError {
    const { plan } = this.#parts;
    const missing =
      plan.waiting > 0 ? ` ${plan.made} segments were generated; the other prompts were not.` : '';
    const message = `The server ends a session after ${plan.cap ?? 1} segments, too few to continue in another one (streaming.generation_segment_cap).${missing}`;
    return new FastVideoError('session_rejected', message);
  }

  /** Waits before the next try; throws when it was tried for long enough. */
  async #pause({ why, unreachable }: Extract<SessionEnd, { type: 'lost' }>): Promise<void> {
    const { observer, signal } = this.#parts;
    // Where there never was a server, waiting for it helps nobody; one that answers may be starting or draining.
    if (!this.#everConnected && unreachable) throw new FastVideoError('upstream_timeout', `${why}.`);
    const delayMs = this.#backoff.nextDelayMs(why);
    observer.event({ event: 'connection_lost', why, retry_in_ms: Math.round(delayMs) });
    this.#tell({ phase: 'away' });
    await pause(delayMs, signal);
    signal.throwIfAborted();
  }

  #send(frame: ClientFrameInput): void {
    this.#connection?.send(frame);
  }

  #tell(change: Partial<StreamProgress>): void {
    this.#progress = { ...this.#progress, ...change };
    this.#parts.observer.progress(this.#progress);
  }
}
