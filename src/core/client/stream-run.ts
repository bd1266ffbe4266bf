import type { FastVideoError as ClientError } from '../../client/errors.ts';
import { Session } from '../../client/session.ts';
import type { SessionEnd } from '../../client/session-end.ts';
import type { SessionEvent } from '../../client/session-event.ts';
import type { SessionStatus } from '../../client/session-status.ts';
import { orAborted } from '../base/async/aborted.ts';
import { deferred } from '../base/async/deferred.ts';
import { FastVideoError } from '../base/errors.ts';
import { queueReasonWords } from '../protocol/queue-reason.ts';
import type { StreamProgress } from './client-event.ts';
import { commandError } from './command-error.ts';
import type { Film } from './film/film.ts';
import { FilmWriter } from './film/film-writer.ts';
import { FilmSession } from './film-session.ts';
import { lowerFirst } from './lower-first.ts';
import type { PromptReader } from './prompt-reader.ts';
import { SegmentFailures } from './segment-failures.ts';
import type { SegmentPlan } from './segment-plan.ts';
import { SilenceNotice } from './silence-notice.ts';
import { goesOnByItself, type StreamFilmParts, type StreamRequest } from './stream-request.ts';
import { StreamSockets } from './stream-sockets.ts';
import { showStreamUrl } from './stream-url.ts';

interface RunParts extends Omit<StreamFilmParts, 'prompts'> {
  readonly plan: SegmentPlan;
  readonly film: Film;
  readonly prompts: PromptReader;
  /** Prompts that the server walks by itself. */
  readonly curated: readonly string[];
}

const firstDelayMs = 250;
const longestDelayMs = 8000;

/**
 * Makes the plan's segments in as many sessions as that takes. Each thing that happens is one step; the film is written
 * meanwhile. What is asked for and taken within a session is its {@link FilmSession}'s.
 */
export class StreamRun {
  readonly #request: StreamRequest;
  readonly #parts: RunParts;
  readonly #auto: boolean;
  readonly #over = deferred();
  readonly #sockets: StreamSockets;
  readonly #session: Session;
  readonly #writer: FilmWriter;
  readonly #film: FilmSession;
  readonly #failures: SegmentFailures;
  readonly #silence: SilenceNotice;
  #isOver = false;
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
    const { observer } = parts;
    this.#request = request;
    this.#parts = parts;
    this.#auto = goesOnByItself(request);
    this.#silence = new SilenceNotice(request.silenceMs ?? 30_000, (seconds) =>
      observer.event({ event: 'silent', seconds }),
    );
    this.#sockets = new StreamSockets(request.target, {
      opened: () => observer.event({ event: 'connected' }),
      text: (text) => {
        if (!this.#isOver) observer.text(text);
      },
    });
    this.#session = new Session({
      url: request.target.url,
      createWebSocket: (url) => this.#sockets.open(url),
      explainFailure: () => this.#sockets.explainFailure(),
      reconnect: {
        attempts: Number.POSITIVE_INFINITY,
        firstDelayMs,
        longestDelayMs,
        limitMs: request.reconnectMs,
      },
      continueAtLimit: false,
      init: () => this.#film.init(),
    });
    this.#session.subscribe((event) => this.#take(event));
    this.#writer = new FilmWriter(parts.film, {
      full: () => this.#sockets.pause(),
      drained: () => this.#step(() => this.#sockets.resume()),
      written: (bytes) => this.#tell({ bytes }),
      failed: (error) => this.#fail(error),
    });
    this.#failures = new SegmentFailures(parts.plan, observer);
    this.#film = new FilmSession(request, {
      ...parts,
      session: this.#session,
      film: this.#writer,
      failures: this.#failures,
      tell: (change) => this.#tell(change),
      step: (take) => this.#step(take),
    });
  }

  async run(): Promise<void> {
    const { signal } = this.#parts;
    try {
      this.#step(() => undefined);
      try {
        await orAborted(this.#over.promise, signal);
      } finally {
        await this.#writer.end(signal);
      }
      const { last } = this.#failures;
      if (this.#parts.plan.made === 0 && last) throw last;
    } finally {
      this.#isOver = true;
      this.#silence[Symbol.dispose]();
      // Its worker is free at once.
      this.#sockets.resume();
      await this.#session.close();
      this.#sockets.terminate();
    }
  }

  #take(event: SessionEvent): void {
    const { observer } = this.#parts;
    switch (event.type) {
      case 'connecting':
        this.#step(() => this.#connecting(event.how));
        return;
      case 'status':
        if (event.status.phase === 'reconnecting') this.#step(() => this.#lost(event.status));
        return;
      case 'frame':
        this.#step(() => this.#film.takeFrame(event.frame));
        return;
      case 'init':
        this.#step(() => this.#writer.init(event.data));
        return;
      case 'media':
        this.#step(() => this.#film.takeMedia(event.data));
        return;
      case 'error':
        this.#step(() => this.#film.takeError(event.error));
        return;
      case 'ended':
        this.#step(() => this.#ended(event));
        return;
      case 'ignored':
        this.#step(() => observer.event({ event: 'unreadable', problem: event.problem }));
        return;
      default:
        return;
    }
  }

  /** Takes what happened, then does what can be done now. */
  #step(take: () => void): void {
    if (this.#isOver) return;
    try {
      take();
      if (!this.#isOver) this.#advance();
      if (!this.#isOver) this.#silence.heard(this.#isOwed);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#isOver = true;
    this.#over.reject(error);
  }

  #advance(): void {
    const { plan, prompts } = this.#parts;
    const { ending } = this.#failures;
    if (ending) {
      // Not before the segment that is being made, and the state after it, are there.
      if (!this.#isConnected || (plan.running === undefined && !this.#stateMissing)) throw ending;
      return;
    }
    if (this.#isDone) {
      this.#isOver = true;
      this.#over.resolve();
      return;
    }
    if (!this.#auto) {
      prompts.feed(plan, (error) => {
        this.#step(() => {
          if (error !== undefined) throw error;
        });
      });
    }
    const { phase } = this.#session.status;
    const isIdle = phase === 'idle' || phase === 'ended';
    if (!isIdle) this.#film.pursue();
    else if (this.#auto || plan.hasWork || this.#stateMissing) this.#session.connect();
  }

  /** Every segment is made, and no state is waited for. */
  get #isDone(): boolean {
    const { plan, prompts } = this.#parts;
    if (this.#stateMissing) return false;
    return plan.limitReached || (!this.#auto && prompts.ended && !plan.hasWork);
  }

  get #stateMissing(): boolean {
    return this.#request.wantState && !this.#parts.plan.stateIsLast;
  }

  get #isConnected(): boolean {
    const { phase } = this.#session.status;
    return phase === 'connecting' || phase === 'queued' || phase === 'active';
  }

  /** Whether the server has something to send. One that lets a session wait has said so. */
  get #isOwed(): boolean {
    if (!this.#isConnected || this.#progress.phase === 'queued' || this.#writer.isFull) return false;
    return this.#session.status.phase !== 'active' || !this.#parts.plan.quiet || this.#stateMissing;
  }

  #connecting(how: 'open' | 'resume' | 'anew'): void {
    const { observer } = this.#parts;
    const isResumed = how === 'resume';
    if (how === 'anew') observer.event({ event: 'session_ended', why: 'not_resumable' });
    this.#film.connecting(isResumed);
    const url = showStreamUrl(this.#request.target.url);
    observer.event({ event: 'connecting', url, resume: isResumed });
    this.#tell({ phase: this.#progress.phase === 'away' ? 'away' : 'connecting' });
  }

  #lost({ retry }: SessionStatus): void {
    this.#film.lost();
    if (!retry) return;
    const { why, delayMs } = retry;
    this.#parts.observer.event({ event: 'connection_lost', why, retry_in_ms: Math.round(delayMs) });
    this.#tell({ phase: 'away', isGenerating: false });
  }

  #ended(end: SessionEnd): void {
    const { plan, observer } = this.#parts;
    this.#film.lost();
    if (this.#isDone || this.#failures.ending) return;
    switch (end.why) {
      case 'failed':
      case 'server':
        throw this.#endError(end.error);
      case 'left':
        observer.event({ event: 'session_ended', why: 'renewed' });
        return;
      case 'segment_limit':
        if (!plan.capReached()) throw capError(plan);
        observer.event({ event: 'session_ended', why: 'segment_cap' });
        return;
      case 'idle':
        observer.event({ event: 'session_ended', why: 'idle' });
        return;
    }
  }

  #endError(error: ClientError): FastVideoError {
    const { position, queueReason, phase } = this.#progress;
    const { code, message } = commandError(error);
    if (error.code !== 'connection_failed' || phase !== 'queued' || position === 0)
      return commandError(error);
    const reason = lowerFirst(queueReasonWords(queueReason));
    return new FastVideoError(code, message.replace(/\.$/, ` (${reason}).`), { cause: error });
  }

  #tell(change: Partial<StreamProgress>): void {
    this.#progress = { ...this.#progress, ...change };
    this.#parts.observer.progress(this.#progress);
  }
}

function capError(plan: SegmentPlan): FastVideoError {
  const missing =
    plan.waiting > 0 ? ` ${plan.made} segments were generated; the other prompts were not.` : '';
  const message = `The server ends a session after ${plan.cap ?? 1} segments, too few to continue in another one (streaming.generation_segment_cap).${missing}`;
  return new FastVideoError('session_rejected', message);
}
