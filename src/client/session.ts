import { errorOf, FastVideoError } from './errors.ts';
import { explainFailure } from './explain-failure.ts';
import type { ClientFrame, ContinuationState, ErrorServerFrame, ServerFrame } from './frames.ts';
import { Listeners } from './listeners.ts';
import { defaultReconnect, reconnectDelayMs } from './reconnect-delay.ts';
import type { SegmentEntry, SegmentRequest } from './segment-entry.ts';
import { applyFrame } from './segment-frames.ts';
import {
  connectionLost,
  dropWaiting,
  emptyQueue,
  firstMedia,
  hold,
  isSent,
  markSent,
  nextToSend,
  promptFrame,
  running,
  type SegmentQueue,
  sent,
  takeBack,
  waitingCount,
} from './segment-queue.ts';
import { SegmentRuns } from './segment-runs.ts';
import { endingOf, type LastWords } from './session-end.ts';
import type { SegmentEvent, SessionEvent } from './session-event.ts';
import { sessionOpening } from './session-opening.ts';
import type { SessionOptions } from './session-options.ts';
import { type Continuation, SessionProgress } from './session-progress.ts';
import { idleStatus, type SessionStatus, statusAfter } from './session-status.ts';
import { Snapshots } from './snapshots.ts';
import { type StreamAddress, streamAddress } from './stream-address.ts';
import { type StreamClose, StreamConnection } from './stream-connection.ts';
import { type Bytes, type WebSocketConstructor, webSocketClass } from './web-socket.ts';

/** Milliseconds that a server may take to end a session that was left. */
const leaveLimitMs = 2000;

/**
 * A session with a server: sends prompts one after the other, tells what happens, and opens lost connections again.
 *
 * It connects with the first prompt, so that nobody holds a worker without using it. A connection that breaks is opened
 * again after growing delays (`reconnect`); the server's session is resumed where the server still has it, otherwise
 * another one begins. Prompts whose media had not begun to arrive are sent again. At the server's segment limit another
 * session continues from the last picture. A drain or a failover behind a router is not seen here at all.
 *
 * @example
 * const session = new Session({ url: 'http://127.0.0.1:8000' });
 * for await (const event of session.generate('A lighthouse in a violet storm')) {
 *   if (event.type === 'init' || event.type === 'media') file.write(event.data);
 * }
 * await session.close();
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #address: StreamAddress;
  readonly #WebSocket: WebSocketConstructor;
  readonly #listeners = new Listeners<SessionEvent>();
  readonly #runs = new SegmentRuns((key) => this.#abandon(key));
  readonly #snapshots = new Snapshots();
  readonly #progress = new SessionProgress();
  #connection: StreamConnection | undefined;
  #status: SessionStatus = idleStatus;
  #queue: SegmentQueue = emptyQueue;
  #words: LastWords = { leaving: false };
  #resume: { readonly session_id: string; readonly resume_token: string } | undefined;
  #resuming = false;
  #singleClips = false;
  /** Set until the session that continues the one before has begun. */
  #continuation: Continuation | undefined;
  #attempt = 0;
  #reconnectTimer: ReturnType<typeof setTimeout> | undefined;
  /** Grows with each connection, so that what was awaited for an older one is passed over. */
  #generation = 0;

  /** Throws `invalid_option` for an address that is none, or without a WebSocket class. */
  constructor(options: SessionOptions) {
    this.#options = options;
    this.#address = streamAddress(options.url, options.apiKey);
    this.#WebSocket = webSocketClass(options.webSocket);
    options.signal?.addEventListener('abort', () => this.leave(), { once: true });
  }

  get status(): SessionStatus {
    return this.#status;
  }

  /** All segments that are kept, oldest first. */
  get segments(): readonly SegmentEntry[] {
    return this.#queue.entries;
  }

  /** Calls `listener` with each event from now on; gives the function that ends that. */
  subscribe(listener: (event: SessionEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  /**
   * Asks for a segment, behind those that wait already, and gives its events. Reading ends after `end`. It throws a
   * {@link FastVideoError} when the segment cannot be made, and the reason of `signal` when that is aborted; that, and to
   * stop reading before the end, cancels the segment. Events that nobody reads stay in memory.
   */
  generate(
    request: string | SegmentRequest,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): AsyncIterableIterator<SegmentEvent> {
    const key = this.#queue.nextKey;
    this.#hold([typeof request === 'string' ? { prompt: request } : request]);
    const events = this.#runs.add(key, signal);
    this.#begin();
    return events;
  }

  /** Adds requests to the end of the queue; connects when there is no connection. */
  enqueue(requests: readonly SegmentRequest[]): void {
    this.#hold(requests);
    this.#begin();
  }

  /** Removes a request that was not sent yet. */
  remove(key: number): void {
    this.#setQueue(takeBack(this.#queue, key));
  }

  /** Opens a connection now; does nothing while there is one. */
  connect(): void {
    if (this.#connection) return;
    clearTimeout(this.#reconnectTimer);
    this.#attempt = 0;
    void this.#connect();
  }

  /** While paused, prompts wait in order; the segment that is being made is made to its end. */
  setPaused(paused: boolean): void {
    this.#connection?.send({ type: 'generation_paused_updated', paused });
    this.#setStatus({ paused });
    this.#pump();
  }

  /** Stops the segment that is being made; false when there is none. */
  cancelSegment(): boolean {
    if (!running(this.#queue)) return false;
    return this.#connection?.send({ type: 'cancel_segment' }) ?? false;
  }

  /**
   * Gives the segment that is being made other words, where the model can (`status.canSteer`); false when no segment is
   * being made. Its event `steered` tells from which frame on they have effect; the newest words count.
   *
   * @param options.transitionMs - how long the picture takes to follow; default: the server's choice
   */
  steer(prompt: string, { transitionMs }: { readonly transitionMs?: number } = {}): boolean {
    const current = running(this.#queue);
    if (current?.segmentIdx === undefined) return false;
    return this.send({
      type: 'prompt_update',
      prompt,
      segment_idx: current.segmentIdx,
      ...(transitionMs === undefined ? {} : { transition_ms: transitionMs }),
    });
  }

  /**
   * What the generator needs to go on where the last segment ended, for `init.continuation_state` of another session.
   * Rejects with `not_connected` without an open session.
   */
  async snapshot(): Promise<ContinuationState> {
    if (this.#status.phase !== 'active' || !this.#connection?.send({ type: 'snapshot_state' })) {
      throw new FastVideoError('not_connected', 'There is no open session to take a snapshot of.', {
        retryable: true,
      });
    }
    return await this.#snapshots.next();
  }

  /** Sends a frame of the protocol to an open session; false without one. */
  send(frame: ClientFrame): boolean {
    return this.#status.phase === 'active' && (this.#connection?.send(frame) ?? false);
  }

  /** Looks again whether `whenIdle` has something to go on with. */
  resumeIdle(): void {
    this.#pump();
  }

  /** Ends the session; what waits is not made. The next prompt opens another one. */
  leave(): void {
    this.#words = { ...this.#words, leaving: true };
    // The server answers with its last frames, then closes.
    if (this.#status.phase === 'active' && this.#connection?.send({ type: 'leave' })) return;
    this.#cutOff();
  }

  /** Ends the session as {@link leave} does, and waits for its end. */
  async close(): Promise<void> {
    this.leave();
    if (!this.#connection) return;
    await new Promise<void>((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        stop();
        resolve();
      };
      const stop = this.subscribe(({ type }) => {
        if (type === 'ended') finish();
      });
      const timer = setTimeout(() => this.#cutOff(), leaveLimitMs);
    });
  }

  #cutOff(): void {
    this.#generation += 1;
    clearTimeout(this.#reconnectTimer);
    this.#connection?.close();
    this.#connection = undefined;
    this.#continuation = undefined;
    this.#end('You ended the session.');
  }

  #hold(requests: readonly SegmentRequest[]): void {
    this.#setQueue(requests.reduce(hold, this.#queue));
  }

  #begin(): void {
    if (this.#isIdle()) this.connect();
    else this.#pump();
  }

  /** Nobody reads the events of this segment any more. */
  #abandon(key: number): void {
    const entry = this.#queue.entries.find((one) => one.key === key);
    if (entry?.state === 'held') this.remove(key);
    // One that waits in the server cannot be taken back: it is cancelled as it begins.
    else if (entry?.state === 'running') this.cancelSegment();
    if (entry?.state !== 'sent') this.#runs.forget(key);
  }

  async #connect(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.#words = { leaving: false };
    this.#setStatus({ phase: 'connecting', detail: '', retry: undefined });
    try {
      const opening = await sessionOpening(this.#options, this.#continuation);
      if (generation !== this.#generation) return;
      this.#singleClips = opening.single_clip_mode ?? false;
      this.#resuming = this.#resume !== undefined;
      const init = this.#resume ? { ...opening, resume: this.#resume } : opening;
      this.#connection = new StreamConnection(this.#address.url, init, this.#WebSocket, {
        frame: (frame) => this.#take(frame),
        init: (data, mime) => this.#takeMedia({ type: 'init', data, mime }),
        media: (data) => this.#takeMedia({ type: 'media', data }),
        unreadable: (problem) => this.#emit({ type: 'ignored', problem }),
        closed: (close) => void this.#closed(close),
      });
    } catch (error) {
      if (generation !== this.#generation) return;
      const message = error instanceof Error ? error.message : String(error);
      this.#stop(error instanceof FastVideoError ? error : new FastVideoError('invalid_option', message));
    }
  }

  #takeMedia(event: { type: 'init'; data: Bytes; mime: string } | { type: 'media'; data: Bytes }): void {
    if (event.type === 'media') this.#setQueue(firstMedia(this.#queue, performance.now()));
    this.#emit(event);
    this.#runs.put(running(this.#queue)?.key, event);
  }

  #take(frame: ServerFrame): void {
    this.#progress.take(frame, isSent(this.#queue));
    const before = sent(this.#queue)?.request;
    const queue = applyFrame(this.#queue, frame, performance.now());
    this.#runs.takeFrame(running(queue)?.key, frame);
    this.#setQueue(queue);
    const isRefused = frame.type === 'error' && frame.code !== 'session_rejected' && !isSent(queue);
    const change = statusAfter(frame);
    if (frame.type === 'gpu_assigned') this.#assigned(frame);
    if (change) this.#setStatus(change);
    switch (frame.type) {
      case 'ltx2_stream_start':
        this.#attempt = 0;
        // A resumed session remembers what was set before the client was cut off.
        if (this.#status.paused || this.#resuming) this.setPaused(this.#status.paused);
        break;
      case 'ltx2_segment_start':
        if (this.#runs.isUnwanted(running(queue)?.key ?? 0)) this.cancelSegment();
        break;
      case 'media_segment_complete':
        this.#emit({ type: 'segment_end', segmentIdx: frame.segment_idx });
        break;
      case 'ltx2_stream_complete':
        this.#words = { ...this.#words, complete: frame.reason };
        break;
      case 'session_timeout':
        this.#words = { ...this.#words, timeoutSeconds: frame.timeout_seconds };
        break;
      case 'error':
        this.#takeError(frame, isRefused ? before : undefined);
        break;
    }
    this.#snapshots.take(frame);
    this.#emit({ type: 'frame', frame });
    this.#pump();
  }

  #assigned({ session_id, resume_token }: Extract<ServerFrame, { type: 'gpu_assigned' }>): void {
    const isSame = this.#resuming && session_id === this.#resume?.session_id;
    this.#resume = resume_token === undefined ? undefined : { session_id, resume_token };
    if (isSame) {
      this.#emit({ type: 'session', how: 'resumed', sessionId: session_id });
      return;
    }
    const continues = this.#continuation !== undefined;
    this.#continuation = undefined;
    this.#progress.sessionStarted(continues);
    if (!continues) this.#setStatus({ note: '' });
    this.#queue = { ...this.#queue, session: this.#queue.session + 1 };
    this.#emit({ type: 'session', how: continues ? 'continued' : 'new', sessionId: session_id });
  }

  #takeError(frame: ErrorServerFrame, refused: SegmentRequest | undefined): void {
    this.#words = { ...this.#words, error: frame };
    // Requests that a session's end leaves unmade are kept by the queue of this client.
    if (frame.code === 'session_rejected' && this.#status.phase === 'active') return;
    // A session that cannot be taken up again is begun anew.
    if (this.#resuming && this.#status.phase !== 'active') return;
    if (this.#snapshots.answers(frame)) return;
    this.#emit({ type: 'error', error: errorOf(frame), ...(refused ? { refused } : {}) });
  }

  async #closed(close: StreamClose): Promise<void> {
    this.#connection = undefined;
    this.#snapshots.lost();
    const wasActive = this.#status.phase === 'active';
    const ending = endingOf(close, this.#words);
    const continuation = ending.type === 'capped' && this.#progress.continuation(this.#singleClips);
    if (continuation) {
      this.#continueInNext(continuation);
      return;
    }
    if (ending.type === 'ended' || ending.type === 'capped') {
      this.#end(ending.sentence);
      return;
    }
    this.#setQueue(connectionLost(this.#queue));
    if (this.#resuming && !wasActive && close.wasOpen) {
      this.#resume = undefined;
      // The server is there, and only the session is not.
      if (this.#words.error?.code === 'session_rejected' && !this.#words.error.retryable) {
        void this.#connect();
        return;
      }
    } else if (ending.type === 'refused') {
      // The same state would be refused again.
      this.#continuation = undefined;
      this.#disconnect('', this.#words.error ? errorOf(this.#words.error) : undefined);
      return;
    }
    if (close.wasOpen || (await this.#isWorthAnotherTry())) this.#reconnectLater();
  }

  /** Tells why no connection could be opened, the first time. */
  async #isWorthAnotherTry(): Promise<boolean> {
    const generation = this.#generation;
    const error = await explainFailure(this.#address, { ask: this.#options.askStatus ?? true });
    if (generation !== this.#generation) return false;
    if (!error.retryable) this.#stop(error);
    else if (this.#attempt === 0) this.#emit({ type: 'error', error });
    return error.retryable;
  }

  /** The segment limit of the server was reached: another session goes on where this one ended. */
  #continueInNext(continuation: Continuation): void {
    this.#continuation = continuation;
    this.#resume = undefined;
    this.#attempt = 0;
    this.#setQueue(connectionLost(this.#queue));
    const how = continuation.state ? 'continues from the last picture' : 'continues';
    const number = this.#queue.session + 1;
    this.#setStatus({
      note: `The session reached the segment limit of the server; session ${number} ${how}.`,
    });
    void this.#connect();
  }

  #reconnectLater(): void {
    this.#attempt += 1;
    const attempt = this.#attempt;
    const settings = { ...defaultReconnect, ...this.#options.reconnect };
    const { attempts } = settings;
    const delayMs = reconnectDelayMs(attempt, settings);
    if (delayMs === undefined) {
      this.#disconnect(`Gave up after ${attempts} attempts.`);
      return;
    }
    const retry = { attempt, attempts, delayMs, at: Date.now() + delayMs };
    this.#setStatus({ phase: 'reconnecting', detail: `Attempt ${attempt} of ${attempts}`, retry });
    clearTimeout(this.#reconnectTimer);
    this.#reconnectTimer = setTimeout(() => void this.#connect(), delayMs);
  }

  /** Stops with an error that it tells. */
  #stop(error: FastVideoError): void {
    this.#emit({ type: 'error', error });
    this.#disconnect('', error);
  }

  /** Stops until the caller does something. `why` it is not known for certain is a lost connection. */
  #disconnect(detail: string, why?: FastVideoError): void {
    this.#attempt = 0;
    const message = `No connection to ${this.#address.shown}. ${detail}`.trim();
    this.#endRuns(why ?? new FastVideoError('connection_failed', message, { retryable: true }));
    this.#setStatus({ phase: 'disconnected', detail, retry: undefined });
    this.#emit({ type: 'ended' });
  }

  #end(sentence: string): void {
    this.#resume = undefined;
    this.#attempt = 0;
    this.#setQueue(this.#words.leaving ? dropWaiting(this.#queue) : connectionLost(this.#queue));
    this.#endRuns(new FastVideoError('session_ended', sentence, { retryable: !this.#words.leaving }));
    const waiting = waitingCount(this.#queue);
    const also =
      waiting > 0
        ? ` ${waiting} waiting ${waiting === 1 ? 'prompt goes' : 'prompts go'} into the next one.`
        : '';
    this.#setStatus({ phase: 'ended', detail: `${sentence}${also}`, note: '', retry: undefined });
    this.#emit({ type: 'ended' });
  }

  /** Who reads a segment is told that it will not be made, so it must not be made later. */
  #endRuns(error: FastVideoError): void {
    for (const key of this.#runs.failAll(error)) this.remove(key);
  }

  /** Sends the next request if the server has none waiting. */
  #pump(): void {
    if (this.#status.phase !== 'active' || this.#words.complete !== undefined || this.#words.leaving) return;
    this.#goOnWhenIdle();
    const next = nextToSend(this.#queue);
    if (!next) return;
    const waits = this.#status.paused || running(this.#queue) !== undefined;
    if (!this.#connection?.send(promptFrame(next.request))) return;
    this.#setQueue(markSent(this.#queue, next.key, performance.now(), waits));
  }

  #goOnWhenIdle(): void {
    const last = this.#queue.entries.at(-1);
    // Only after a success: what fails or was cancelled must not come again by itself.
    if (last?.state !== 'done' || this.#status.paused) return;
    const request = this.#options.whenIdle?.(last);
    if (request) this.#hold([request]);
  }

  #isIdle(): boolean {
    const { phase } = this.#status;
    return phase === 'idle' || phase === 'ended' || phase === 'disconnected';
  }

  #setQueue(queue: SegmentQueue): void {
    if (queue === this.#queue) return;
    this.#queue = queue;
    this.#runs.settle(queue.entries);
    this.#emit({ type: 'segments', segments: queue.entries });
  }

  #setStatus(change: Partial<SessionStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#emit({ type: 'status', status: this.#status });
  }

  #emit(event: SessionEvent): void {
    this.#listeners.tell(event);
  }
}
