import { errorOf, FastVideoError } from './errors.ts';
import type { ClientFrame, ContinuationState, ErrorServerFrame, ServerFrame } from './frames.ts';
import { Listeners } from './listeners.ts';
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
import type { SegmentEvent, SessionEvent } from './session-event.ts';
import { type LinkEnd, type MediaEvent, SessionLink } from './session-link.ts';
import type { SessionOptions } from './session-options.ts';
import { idleStatus, type SessionStatus, statusAfter } from './session-status.ts';
import { Snapshots } from './snapshots.ts';

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
  readonly #link: SessionLink;
  readonly #listeners = new Listeners<SessionEvent>();
  readonly #runs = new SegmentRuns((key) => this.#abandon(key));
  readonly #snapshots = new Snapshots();
  #status: SessionStatus = idleStatus;
  #queue: SegmentQueue = emptyQueue;

  /** Throws `invalid_option` for an address that is none, or without a WebSocket class. */
  constructor(options: SessionOptions) {
    this.#options = options;
    this.#link = new SessionLink(options, {
      frame: (frame) => this.#take(frame),
      media: (event) => this.#takeMedia(event),
      status: (change) => this.#setStatus(change),
      tell: (event) => this.#listeners.tell(event),
      renewed: () => {
        this.#queue = { ...this.#queue, session: this.#queue.session + 1 };
      },
      lost: () => this.#lost(),
      over: (end) => this.#over(end),
    });
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

  /** Adds requests to the end of the queue, and gives their keys; connects when there is no connection. */
  enqueue(requests: readonly SegmentRequest[]): number[] {
    const first = this.#queue.nextKey;
    this.#hold(requests);
    this.#begin();
    return requests.map((_, index) => first + index);
  }

  /** Removes a request that was not sent yet. */
  remove(key: number): void {
    this.#setQueue(takeBack(this.#queue, key));
  }

  /** Opens a connection now; does nothing while there is one. */
  connect(): void {
    this.#link.connect();
  }

  /** While paused, prompts wait in order; the segment that is being made is made to its end. */
  setPaused(paused: boolean): void {
    this.#link.send({ type: 'generation_paused_updated', paused });
    this.#setStatus({ paused });
    this.#pump();
  }

  /** Stops the segment that is being made; false when there is none. */
  cancelSegment(): boolean {
    if (!running(this.#queue)) return false;
    return this.#link.send({ type: 'cancel_segment' });
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
    if (!this.send({ type: 'snapshot_state' })) {
      throw new FastVideoError('not_connected', 'There is no open session to take a snapshot of.', {
        retryable: true,
      });
    }
    return await this.#snapshots.next();
  }

  /** Sends a frame of the protocol to an open session; false without one. */
  send(frame: ClientFrame): boolean {
    return this.#status.phase === 'active' && this.#link.send(frame);
  }

  /** Looks again whether `whenIdle` has something to go on with. */
  resumeIdle(): void {
    this.#pump();
  }

  /** Ends the session; what waits is not made. The next prompt opens another one. */
  leave(): void {
    this.#link.leave();
  }

  /** Ends the session as {@link leave} does, and waits for its end. */
  async close(): Promise<void> {
    this.leave();
    if (!this.#link.isConnected) return;
    await new Promise<void>((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        stop();
        resolve();
      };
      const stop = this.subscribe(({ type }) => {
        if (type === 'ended') finish();
      });
      const timer = setTimeout(() => this.#link.cutOff(), leaveLimitMs);
    });
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

  #takeMedia(event: MediaEvent): void {
    if (event.type === 'media') this.#setQueue(firstMedia(this.#queue, performance.now()));
    this.#emit(event);
    this.#runs.put(running(this.#queue)?.key, event);
  }

  #take(frame: ServerFrame): void {
    const before = sent(this.#queue)?.request;
    const isAnswer = this.#snapshots.answers(frame);
    const queue = isAnswer ? this.#queue : applyFrame(this.#queue, frame, performance.now());
    this.#runs.takeFrame(running(queue)?.key, frame);
    this.#setQueue(queue);
    this.#link.take(frame, before !== undefined);
    // A wait in the server's queue may have been the last straw.
    if (!this.#link.isConnected) return;
    const change = statusAfter(frame);
    if (change) this.#setStatus(change);
    switch (frame.type) {
      case 'ltx2_stream_start':
        // A resumed session remembers what was set before the client was cut off.
        if (this.#status.paused || this.#link.isResumed) this.setPaused(this.#status.paused);
        break;
      case 'ltx2_segment_start':
        if (this.#runs.isUnwanted(running(queue)?.key ?? 0)) this.cancelSegment();
        break;
      case 'media_segment_complete':
        this.#emit({ type: 'segment_end', segmentIdx: frame.segment_idx });
        break;
      case 'error':
        if (!isAnswer) this.#takeError(frame, isSent(queue) ? undefined : before);
        break;
    }
    this.#snapshots.take(frame);
    this.#emit({ type: 'frame', frame });
    this.#pump();
  }

  #takeError(frame: ErrorServerFrame, refused: SegmentRequest | undefined): void {
    const isRejected = frame.code === 'session_rejected';
    // Requests that a session's end leaves unmade are kept by the queue of this client.
    if (isRejected && this.#link.isActive) return;
    // A session that cannot be taken up again is begun anew.
    if (this.#link.isResumed && !this.#link.isActive) return;
    this.#emit({ type: 'error', error: errorOf(frame), ...(refused && !isRejected ? { refused } : {}) });
  }

  #lost(): void {
    this.#snapshots.lost();
    this.#setQueue(connectionLost(this.#queue));
  }

  #over({ sentence, ...end }: LinkEnd): void {
    this.#snapshots.lost();
    if (end.why === 'failed') {
      this.#endRuns(end.error);
      this.#setStatus({ phase: 'disconnected', detail: sentence, retry: undefined });
    } else {
      const isLeft = end.why === 'left';
      this.#setQueue(isLeft ? dropWaiting(this.#queue) : connectionLost(this.#queue));
      this.#endRuns(new FastVideoError('session_ended', sentence, { retryable: !isLeft }));
      const detail = `${sentence}${waitingWords(waitingCount(this.#queue))}`;
      this.#setStatus({ phase: 'ended', detail, note: '', retry: undefined });
    }
    this.#emit({ type: 'ended', ...end });
  }

  /** Who reads a segment is told that it will not be made, so it must not be made later. */
  #endRuns(error: FastVideoError): void {
    for (const key of this.#runs.failAll(error)) this.remove(key);
  }

  /** Sends the next request if the server has none waiting. */
  #pump(): void {
    if (!this.#link.takesRequests) return;
    this.#goOnWhenIdle();
    const next = nextToSend(this.#queue);
    if (!next) return;
    const waits = this.#status.paused || running(this.#queue) !== undefined;
    if (!this.#link.send(promptFrame(next.request))) return;
    this.#setQueue(markSent(this.#queue, next.key, performance.now(), waits));
  }

  #goOnWhenIdle(): void {
    const last = this.#queue.entries.at(-1);
    // What fails or was cancelled must not come again by itself; a connection that was lost is nobody's wish.
    if (last?.state !== 'done' && last?.state !== 'interrupted') return;
    if (this.#status.paused) return;
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

function waitingWords(count: number): string {
  if (count === 0) return '';
  return ` ${count} waiting ${count === 1 ? 'prompt goes' : 'prompts go'} into the next one.`;
}
