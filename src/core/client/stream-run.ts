import { pause } from '../base/async/aborted.ts';
import { alarm } from '../base/async/deadline.ts';
import { Queue } from '../base/async/queue.ts';
import { FastVideoError } from '../base/errors.ts';
import { queueReasonWords } from '../protocol/queue-reason.ts';
import { Backoff } from './backoff.ts';
import type { StreamProgress } from './client-event.ts';
import { ClientSession } from './client-session.ts';
import { Connection, type ConnectionEnd, type ConnectionEvent } from './connection.ts';
import { endOf } from './end-of-connection.ts';
import type { Film } from './film/film.ts';
import { lowerFirst } from './lower-first.ts';
import type { PromptReader } from './prompt-reader.ts';
import { aboutPrompt, type Failure } from './segment-failure.ts';
import type { SegmentPlan } from './segment-plan.ts';
import { type SessionEnd, sessionEndOf } from './session-end.ts';
import type { Resume } from './session-frames.ts';
import { SilenceNotice } from './silence-notice.ts';
import { goesOnByItself, type StreamFilmParts, type StreamRequest } from './stream-request.ts';
import { showStreamUrl } from './stream-url.ts';

interface RunParts extends Omit<StreamFilmParts, 'prompts'> {
  readonly plan: SegmentPlan;
  readonly film: Film;
  readonly prompts: PromptReader;
  /** Prompts that the server walks by itself. */
  readonly curated: readonly string[];
}

type RunEvent =
  | { readonly type: 'connection'; readonly event: ConnectionEvent; readonly from: Line }
  | { readonly type: 'limit'; readonly from: Line }
  | { readonly type: 'read' }
  | { readonly type: 'read_failed'; readonly error: unknown };

/** A connection and what is said on it. */
interface Line {
  readonly connection: Connection;
  readonly session: ClientSession;
}

/** How long a try may take that begins as the limit ends. */
const lastTryMs = 1000;
/** Segments in a row that the server chose itself and could not make. */
const mostOwnFailures = 3;

/**
 * Makes the plan's segments over as many connections as that takes, one at a time: one event after the other, nothing at
 * the same time. What is said on a connection is its {@link ClientSession}'s.
 */
export class StreamRun {
  readonly #request: StreamRequest;
  readonly #parts: RunParts;
  readonly #events = new Queue<RunEvent>();
  readonly #address: string;
  readonly #auto: boolean;
  readonly #backoff: Backoff;
  /** Ends a try that opens no session within the limit. */
  #limit: Disposable | undefined;
  /** Why there was no session at the last try. */
  #lostWhy = '';
  #line: Line | undefined;
  #resume: Resume | undefined;
  #everConnected = false;
  #ownFailures = 0;
  #lastFailure: FastVideoError | undefined;
  /** What ends the film, once the segment that was being made then is whole. */
  #ending: FastVideoError | undefined;
  readonly #silence: SilenceNotice;
  #progress: StreamProgress = {
    phase: 'connecting',
    position: 0,
    made: 0,
    isGenerating: false,
    step: 0,
    totalSteps: 0,
    bytes: 0,
  };

  constructor(request: StreamRequest, parts: RunParts) {
    this.#request = request;
    this.#parts = parts;
    this.#backoff = new Backoff(request.reconnectMs);
    this.#address = showStreamUrl(request.target.url);
    this.#auto = goesOnByItself(request);
    this.#silence = new SilenceNotice(request.silenceMs ?? 30_000, (seconds) =>
      parts.observer.event({ event: 'silent', seconds }),
    );
  }

  async run(): Promise<void> {
    const { signal } = this.#parts;
    try {
      while (!this.#finished()) {
        this.#act();
        this.#silence.heard(this.#isOwed);
        await this.#take(await this.#events.take(signal));
        this.#throwEnding();
      }
      this.#checkFilm();
    } finally {
      this.#limit?.[Symbol.dispose]();
      this.#silence[Symbol.dispose]();
      await this.#leaveNow();
    }
  }

  /** Leaves the session, so that its worker is free at once, and waits for the end of the connection. */
  async #leaveNow(): Promise<void> {
    const line = this.#line;
    if (!line) return;
    line.connection.send({ type: 'leave' });
    await endOf(line.connection, async (limit) => {
      const event = await this.#events.take(limit);
      return event?.type === 'connection' && event.from === line ? event.event : undefined;
    });
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
    return this.#done && (!this.#line || this.#line.session.summary.leaving);
  }

  /** Whether the server has something to send. One that lets a session wait has said so. */
  get #isOwed(): boolean {
    if (!this.#line || this.#progress.phase === 'queued') return false;
    return !this.#line.session.summary.active || !this.#parts.plan.quiet || this.#stateMissing;
  }

  /** Not before the segment that is being made, and the state after it, are there. */
  #throwEnding(): void {
    const { plan } = this.#parts;
    if (this.#ending && (!this.#line || (plan.running === undefined && !this.#stateMissing)))
      throw this.#ending;
  }

  #checkFilm(): void {
    if (this.#parts.plan.made === 0 && this.#lastFailure) throw this.#lastFailure;
  }

  /** Does what can be done now. */
  #act(): void {
    const { plan, prompts } = this.#parts;
    if (this.#ending) return;
    if (!this.#auto) {
      prompts.feed(plan, (error) => {
        this.#events.offer(error === undefined ? { type: 'read' } : { type: 'read_failed', error });
      });
    }
    if (this.#line) this.#line.session.pursue(this.#done);
    else if (!this.#done && (this.#auto || plan.hasWork || this.#stateMissing)) this.#connect();
  }

  #connect(): void {
    const { plan, film, observer, curated, onState } = this.#parts;
    const isResumed = this.#resume !== undefined;
    if (!isResumed) plan.newSession();
    const session = new ClientSession(
      this.#request,
      {
        plan,
        film,
        observer,
        curated,
        onState,
        send: (frame) => connection.send(frame),
        onActive: () => {
          this.#backoff.done();
          this.#limit?.[Symbol.dispose]();
        },
        onSegment: () => {
          this.#ownFailures = 0;
        },
        onFailure: (failure) => this.#failed(failure),
        tell: (change) => this.#tell(change),
      },
      this.#resume,
    );
    const init = session.init();
    observer.event({ event: 'connecting', url: this.#address, resume: isResumed });
    this.#tell({ phase: this.#backoff.waiting ? 'away' : 'connecting' });
    const connection = new Connection(this.#request.target, (event) => {
      if (event.type === 'opened') connection.send(init);
      this.#events.offer({ type: 'connection', event, from: line });
    });
    const line: Line = { connection, session };
    this.#line = line;
    this.#startLimit(line);
  }

  /** The first wait for a worker has no limit but the server's; its time counts where a further try follows. */
  #startLimit(from: Line): void {
    this.#backoff.begin();
    this.#limit?.[Symbol.dispose]();
    if (!this.#backoff.waiting) return;
    const ms = Math.max(this.#backoff.leftMs, lastTryMs);
    this.#limit = alarm(ms, () => this.#events.offer({ type: 'limit', from }));
  }

  get #isQueued(): boolean {
    return this.#progress.phase === 'queued' && this.#progress.position > 0;
  }

  /** No session was opened within the limit. */
  #endAtLimit(): void {
    if (!this.#backoff.waiting) return;
    if (!this.#isQueued) throw this.#backoff.limitError(this.#lostWhy);
    const reason = lowerFirst(queueReasonWords(this.#progress.queueReason));
    throw this.#backoff.limitError(`no worker became free (${reason})`);
  }

  async #take(event: RunEvent | undefined): Promise<void> {
    if (!event || event.type === 'read') return;
    if (event.type === 'read_failed') throw event.error;
    // What an older connection still says is passed over.
    if (event.from !== this.#line) return;
    if (event.type === 'limit') this.#endAtLimit();
    else await this.#takeConnectionEvent(event.event, event.from);
  }

  async #takeConnectionEvent(event: ConnectionEvent, { connection, session }: Line): Promise<void> {
    switch (event.type) {
      case 'opened':
        this.#everConnected = true;
        this.#parts.observer.event({ event: 'connected' });
        return;
      case 'text':
        session.takeText(event.text);
        if (this.#isQueued && this.#backoff.leftMs <= 0) this.#endAtLimit();
        connection.taken(Buffer.byteLength(event.text));
        return;
      case 'binary':
        await session.takeBinary(event.data);
        connection.taken(event.data.length);
        return;
      case 'closed':
        this.#line = undefined;
        await this.#closed(event.end, session);
        return;
    }
  }

  #failed(failure: Failure): void {
    const { failed, error, next } = failure;
    const { plan, observer } = this.#parts;
    if (next !== 'failed' && (failed?.own ?? next === 'again')) this.#ownFailures += 1;
    const then = this.#ownFailures >= mostOwnFailures ? 'failed' : next;
    const prompt = failed?.request.prompt ?? '';
    observer.event({ event: 'segment_failed', prompt, code: error.code, message: error.message, next: then });
    if (then === 'failed') {
      this.#ending ??= aboutPrompt(failure);
      return;
    }
    this.#lastFailure = aboutPrompt(failure);
    if (then === 'again' && failed && !failed.own) plan.again(failed.request);
    if (then === 'skipped') plan.skip();
  }

  async #closed(end: ConnectionEnd, session: ClientSession): Promise<void> {
    const { plan, observer } = this.#parts;
    const what = sessionEndOf(end, session.summary, this.#address);
    plan.connectionLost();
    if (this.#done || this.#ending) return;
    this.#resume = what.type === 'lost' ? session.resume : undefined;
    switch (what.type) {
      case 'refused':
        throw what.error;
      case 'lost':
        await this.#pause(what);
        return;
      case 'left':
        observer.event({ event: 'session_ended', why: 'renewed' });
        return;
      case 'cap':
        if (!plan.capReached()) throw this.#capError();
        observer.event({ event: 'session_ended', why: 'segment_cap' });
        return;
      case 'idle':
        observer.event({ event: 'session_ended', why: 'idle' });
        return;
      case 'gone':
        observer.event({ event: 'session_ended', why: 'not_resumable' });
        return;
    }
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
    this.#lostWhy = why;
    const delayMs = this.#backoff.nextDelayMs(why);
    observer.event({ event: 'connection_lost', why, retry_in_ms: Math.round(delayMs) });
    this.#tell({ phase: 'away', isGenerating: false });
    await pause(delayMs, signal);
    signal.throwIfAborted();
  }

  #tell(change: Partial<StreamProgress>): void {
    this.#progress = { ...this.#progress, ...change };
    this.#parts.observer.progress(this.#progress);
  }
}
