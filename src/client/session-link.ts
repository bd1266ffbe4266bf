import { FastVideoError } from './errors.ts';
import { explainFailure } from './explain-failure.ts';
import type { ClientFrame, ServerFrame } from './frames.ts';
import { Reconnection } from './reconnection.ts';
import { type Ending, endingOf, type LastWords, type SessionEnd } from './session-end.ts';
import type { SessionEvent } from './session-event.ts';
import { sessionOpening } from './session-opening.ts';
import type { SessionOptions } from './session-options.ts';
import { type Continuation, SessionProgress } from './session-progress.ts';
import type { SessionStatus } from './session-status.ts';
import { type StreamAddress, streamAddress } from './stream-address.ts';
import { type StreamClose, StreamConnection } from './stream-connection.ts';
import { type Bytes, socketOpener, type WebSocketLike } from './web-socket.ts';

export type MediaEvent =
  | { readonly type: 'init'; readonly data: Bytes; readonly mime: string }
  | { readonly type: 'media'; readonly data: Bytes };

/** Why no further connection is opened by itself; `sentence` may be empty. */
export type LinkEnd = { readonly sentence: string } & SessionEnd;

/** Who is told what comes over the connections of a session. */
export interface LinkEvents {
  frame(frame: ServerFrame): void;
  media(event: MediaEvent): void;
  status(change: Partial<SessionStatus>): void;
  tell(event: SessionEvent): void;
  /** Another session has begun than the one before. */
  renewed(): void;
  /** A connection is gone; what had not begun to arrive is to be sent again. */
  lost(): void;
  over(end: LinkEnd): void;
}

type Resume = { readonly session_id: string; readonly resume_token: string };

/**
 * Keeps a session connected: opens a lost connection again, takes the session up again or begins another one, and tells
 * when it is over.
 */
export class SessionLink {
  readonly #options: SessionOptions;
  readonly #address: StreamAddress;
  readonly #open: (url: string) => WebSocketLike;
  readonly #events: LinkEvents;
  readonly #progress = new SessionProgress();
  readonly #reconnection: Reconnection;
  #connection: StreamConnection | undefined;
  #words: LastWords = { leaving: false };
  #resume: Resume | undefined;
  #resuming = false;
  #singleClips = false;
  /** Set until the session that continues the one before has begun. */
  #continuation: Continuation | undefined;
  /** Number of the session, from 1. */
  #number = 0;
  #isQueued = false;
  /** Grows with each connection, so that what was awaited for an older one is passed over. */
  #generation = 0;

  /** Throws `invalid_option` for an address that is none, or without a WebSocket class. */
  constructor(options: SessionOptions, events: LinkEvents) {
    this.#options = options;
    this.#address = streamAddress(options.url, options.apiKey);
    this.#open = socketOpener(options);
    this.#events = events;
    this.#reconnection = new Reconnection(options.reconnect, () => this.#giveUp());
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  /** Whether a session is open that takes requests. */
  get takesRequests(): boolean {
    const { active = false, complete, leaving } = this.#words;
    return active && complete === undefined && !leaving;
  }

  /** Whether the session of before is taken up again, or was. */
  get isResumed(): boolean {
    return this.#resuming;
  }

  get isActive(): boolean {
    return this.#words.active ?? false;
  }

  /** False when there is no connection to send on. */
  send(frame: ClientFrame): boolean {
    return this.#connection?.send(frame) ?? false;
  }

  /** Opens a connection now; does nothing while there is one. */
  connect(): void {
    if (this.#connection) return;
    this.#reconnection.done();
    void this.#connect('open');
  }

  /** Ends the session: the server answers with its last frames, then closes. */
  leave(): void {
    this.#words = { ...this.#words, leaving: true };
    if (!this.isActive || !this.send({ type: 'leave' })) this.cutOff();
  }

  /** Ends it without waiting for the server. */
  cutOff(): void {
    this.#words = { ...this.#words, leaving: true };
    this.#continuation = undefined;
    this.#drop();
    this.#over({ why: 'left', sentence: 'You ended the session.' });
  }

  /** What a frame means for this and the next connections. `asked`: a request waited in the server. */
  take(frame: ServerFrame, asked: boolean): void {
    this.#progress.take(frame, asked);
    switch (frame.type) {
      case 'queue_status':
        this.#isQueued = frame.position > 0;
        this.#renewToken(frame.resume_token);
        if (this.#isQueued && this.#reconnection.isOverLimit) this.#giveUp();
        return;
      case 'gpu_assigned':
        this.#assigned(frame);
        return;
      case 'ltx2_stream_start':
        this.#words = { ...this.#words, active: true };
        this.#reconnection.done();
        return;
      case 'ltx2_stream_complete':
        this.#words = { ...this.#words, complete: frame.reason };
        return;
      case 'session_timeout':
        this.#words = { ...this.#words, timeoutSeconds: frame.timeout_seconds };
        return;
      case 'error':
        this.#words = { ...this.#words, error: frame };
        return;
    }
  }

  async #connect(how: 'open' | 'anew'): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.#words = { leaving: false };
    this.#isQueued = false;
    this.#reconnection.begin();
    this.#events.status({ phase: 'connecting', detail: '', retry: undefined });
    this.#events.tell({ type: 'connecting', how: this.#resume ? 'resume' : how });
    try {
      const opening = await sessionOpening(this.#options, this.#continuation);
      if (generation !== this.#generation) return;
      this.#singleClips = opening.single_clip_mode ?? false;
      this.#resuming = this.#resume !== undefined;
      const init = this.#resume ? { ...opening, resume: this.#resume } : opening;
      this.#connection = new StreamConnection(this.#open(this.#address.url), init, {
        frame: (frame) => this.#events.frame(frame),
        init: (data, mime) => this.#events.media({ type: 'init', data, mime }),
        media: (data) => this.#events.media({ type: 'media', data }),
        unreadable: (problem) => this.#events.tell({ type: 'ignored', problem }),
        closed: (close) => void this.#closed(close),
      });
    } catch (error) {
      if (generation !== this.#generation) return;
      const message = error instanceof Error ? error.message : String(error);
      this.#fail(error instanceof FastVideoError ? error : new FastVideoError('invalid_option', message));
    }
  }

  #renewToken(token: string | undefined): void {
    // A session that is taken up again may have to wait for a worker, with another token from then on.
    if (token !== undefined && this.#resume) this.#resume = { ...this.#resume, resume_token: token };
  }

  #assigned({ session_id, resume_token }: Extract<ServerFrame, { type: 'gpu_assigned' }>): void {
    const isSame = this.#resuming && session_id === this.#resume?.session_id;
    this.#resume = resume_token === undefined ? undefined : { session_id, resume_token };
    if (isSame) {
      this.#events.tell({ type: 'session', how: 'resumed', sessionId: session_id });
      return;
    }
    const continues = this.#continuation !== undefined;
    this.#continuation = undefined;
    this.#progress.sessionStarted(continues);
    if (!continues) this.#events.status({ note: '' });
    this.#number += 1;
    this.#events.renewed();
    this.#events.tell({ type: 'session', how: continues ? 'continued' : 'new', sessionId: session_id });
  }

  async #closed(close: StreamClose): Promise<void> {
    this.#connection = undefined;
    const ending = endingOf(close, this.#words);
    if (ending.type === 'ended') {
      this.#ended(ending);
      return;
    }
    this.#events.lost();
    if (ending.type === 'refused') {
      this.#refused(ending.error);
      return;
    }
    const why = close.wasOpen ? ending.why : await this.#whyUnreachable();
    if (why !== undefined) this.#connectLater(why);
  }

  #ended(end: Extract<Ending, { type: 'ended' }>): void {
    const mayContinue = end.why === 'segment_limit' && (this.#options.continueAtLimit ?? true);
    const continuation = mayContinue && this.#progress.continuation(this.#singleClips);
    if (continuation) this.#continueInNext(continuation);
    else this.#over(end);
  }

  #refused(error: FastVideoError): void {
    const wasResuming = this.#resuming && !this.isActive;
    if (!wasResuming) {
      // The same state would be refused again.
      this.#continuation = undefined;
      this.#over({ why: 'failed', sentence: '', error });
      return;
    }
    this.#resume = undefined;
    // The server is there, and only the session is not.
    if (error.code === 'session_rejected') void this.#connect('anew');
    else this.#connectLater(error.message.replace(/\.$/, ''));
  }

  /** Tells why no connection could be opened, the first time. Undefined when none is to be tried again. */
  async #whyUnreachable(): Promise<string | undefined> {
    const generation = this.#generation;
    const { explainFailure: explain, askStatus: ask = true } = this.#options;
    const error = await (explain ? explain() : explainFailure(this.#address, { ask }));
    if (generation !== this.#generation) return undefined;
    if (!error.retryable) this.#fail(error);
    else if (this.#reconnection.attempt === 0) this.#events.tell({ type: 'error', error });
    return error.retryable ? error.message.replace(/\.$/, '') : undefined;
  }

  /** The segment limit of the server was reached: another session goes on where this one ended. */
  #continueInNext(continuation: Continuation): void {
    this.#continuation = continuation;
    this.#resume = undefined;
    this.#reconnection.done();
    this.#events.lost();
    const how = continuation.state ? 'continues from the last picture' : 'continues';
    const next = this.#number + 1;
    this.#events.status({
      note: `The session reached the segment limit of the server; session ${next} ${how}.`,
    });
    void this.#connect('open');
  }

  #connectLater(why: string): void {
    const retry = this.#reconnection.again(why, () => void this.#connect('open'));
    if (!retry) {
      this.#gaveUp();
      return;
    }
    const detail = Number.isFinite(retry.attempts) ? `Attempt ${retry.attempt} of ${retry.attempts}` : why;
    this.#events.status({ phase: 'reconnecting', detail, retry });
  }

  /** The limit passed in the middle of a try. */
  #giveUp(): void {
    this.#drop();
    this.#gaveUp(this.#isQueued ? 'no worker became free' : undefined);
  }

  #gaveUp(why?: string): void {
    const sentence = this.#reconnection.endSentence(why);
    const message = this.#reconnection.isExhausted
      ? `No connection to ${this.#address.shown}. ${sentence}`
      : sentence;
    this.#over({
      why: 'failed',
      sentence,
      error: new FastVideoError('connection_failed', message, { retryable: true }),
    });
  }

  /** Stops with an error that it tells. */
  #fail(error: FastVideoError): void {
    this.#events.tell({ type: 'error', error });
    this.#over({ why: 'failed', sentence: '', error });
  }

  /** Nothing more comes over the connection. */
  #drop(): void {
    this.#generation += 1;
    // The worker is free at once.
    this.#connection?.send({ type: 'leave' });
    this.#connection?.close();
    this.#connection = undefined;
  }

  #over(end: LinkEnd): void {
    if (end.why !== 'failed') this.#resume = undefined;
    this.#reconnection.done();
    this.#events.over(end);
  }
}
