import type { ClientFrameInput } from '../src/core/protocol/native/client-frames.ts';
import type { ServerFrame } from '../src/core/protocol/native/server-frames.ts';
import { errorSentence } from './error-sentences.ts';
import type { LiveSessionOptions } from './live-session-options.ts';
import { reconnectAttempts, reconnectDelayMs } from './reconnect-delay.ts';
import type { SegmentRequest } from './segment-entry.ts';
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
  running,
  type SegmentQueue,
  sent,
  takeBack,
  waitingCount,
} from './segment-queue.ts';
import { endingOf, type LastWords } from './session-end.ts';
import { type Continuation, SessionProgress } from './session-progress.ts';
import { idleStatus, type SessionStatus } from './session-status.ts';
import { type SessionInit, StreamClient, type StreamClose } from './stream-client.ts';

/** What the page does with the server: sends prompts one after the other, steers, and connects again when cut off. */
export class LiveSession {
  readonly #options: LiveSessionOptions;
  #client: StreamClient | undefined;
  #status: SessionStatus = idleStatus;
  #queue: SegmentQueue = emptyQueue;
  #words: LastWords = { leaving: false };
  #resume: { readonly session_id: string; readonly resume_token: string } | undefined;
  #resuming = false;
  readonly #progress = new SessionProgress();
  /** Set until the session that continues the one before has begun. */
  #continuation: Continuation | undefined;
  #attempt = 0;
  #reconnectTimer: ReturnType<typeof setTimeout> | undefined;
  /** Grows with each connection, so that what was awaited for an older one is passed over. */
  #generation = 0;

  constructor(options: LiveSessionOptions) {
    this.#options = options;
  }

  get status(): SessionStatus {
    return this.#status;
  }

  /** Adds requests to the end of the queue; connects when there is no connection. */
  submit(requests: readonly SegmentRequest[]): void {
    for (const request of requests) this.#queue = hold(this.#queue, request);
    this.#tellSegments();
    if (this.#isIdle()) this.connect();
    else this.#pump();
  }

  takeBack(key: number): void {
    this.#queue = takeBack(this.#queue, key);
    this.#tellSegments();
  }

  /** Opens a connection now; does nothing while there is one. */
  connect(): void {
    if (this.#client) return;
    clearTimeout(this.#reconnectTimer);
    this.#attempt = 0;
    void this.#connect();
  }

  setPaused(paused: boolean): void {
    this.#client?.send({ type: 'generation_paused_updated', paused });
    this.#setStatus({ paused });
    this.#pump();
  }

  /** False when no segment is being made. */
  cancelSegment(): boolean {
    if (!running(this.#queue)) return false;
    return this.#client?.send({ type: 'cancel_segment' }) ?? false;
  }

  /** Ends the session; what waits is not made. */
  leave(): void {
    this.#words = { ...this.#words, leaving: true };
    // The server answers with its last frames, then closes.
    if (this.#status.phase === 'active' && this.#client?.send({ type: 'leave' })) return;
    this.#generation += 1;
    clearTimeout(this.#reconnectTimer);
    this.#client?.close();
    this.#client = undefined;
    this.#continuation = undefined;
    this.#end('You ended the session.');
  }

  /** Sends a frame that steers an open session; without one the next opening says the same. */
  steer(frame: ClientFrameInput): void {
    if (this.#status.phase === 'active') this.#client?.send(frame);
  }

  /** Looks again whether there is something to go on with. */
  goOn(): void {
    this.#pump();
  }

  async #connect(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.#words = { leaving: false };
    this.#setStatus({ phase: 'connecting', detail: '' });
    const opening = await this.#opening(this.#continuation);
    if (generation !== this.#generation || !opening) return;
    this.#resuming = this.#resume !== undefined;
    const init = this.#resume ? { ...opening, resume: this.#resume } : opening;
    this.#client = new StreamClient(this.#options.url, init, this.#options.openSocket, {
      frame: (frame) => this.#take(frame),
      init: (data, mime) => this.#options.events.init(data, mime),
      media: (data) => {
        this.#setQueue(firstMedia(this.#queue, performance.now()));
        this.#options.events.media(data);
      },
      unreadable: (problem) => this.#setStatus({ detail: `Ignored a message of the server: ${problem}` }),
      closed: (close) => void this.#closed(close),
    });
  }

  /** Undefined when there is something in the options that cannot be sent. */
  async #opening(continuation: Continuation | undefined): Promise<SessionInit | undefined> {
    try {
      return await this.#options.opening(continuation);
    } catch (error) {
      this.#options.events.problem(error instanceof Error ? error.message : String(error));
      this.#disconnect('');
      return undefined;
    }
  }

  #take(frame: ServerFrame): void {
    this.#progress.take(frame, isSent(this.#queue));
    const request = sent(this.#queue)?.request;
    this.#setQueue(applyFrame(this.#queue, frame, performance.now()));
    if (request && frame.type === 'error' && frame.code !== 'session_rejected' && !isSent(this.#queue)) {
      if (request.source === 'user') this.#options.events.promptRefused(request.prompt);
    }
    switch (frame.type) {
      case 'queue_status':
        this.#setStatus({
          phase: frame.position > 0 ? 'queued' : 'connecting',
          position: frame.position,
          queueDepth: frame.queue_depth,
          queueReason: frame.reason,
        });
        break;
      case 'gpu_assigned':
        this.#assigned(frame);
        break;
      case 'ltx2_stream_start':
        this.#attempt = 0;
        this.#setStatus({ phase: 'active', format: frame });
        // A resumed session remembers what was set before the page was cut off.
        if (this.#status.paused || this.#resuming) this.setPaused(this.#status.paused);
        break;
      case 'ltx2_stream_complete':
        this.#words = { ...this.#words, complete: frame.reason };
        break;
      case 'session_timeout':
        this.#words = { ...this.#words, timeoutSeconds: frame.timeout_seconds };
        break;
      case 'error':
        this.#takeError(frame);
        break;
    }
    this.#pump();
  }

  #assigned(frame: Extract<ServerFrame, { type: 'gpu_assigned' }>): void {
    const goesOn = this.#resuming && frame.session_id === this.#resume?.session_id;
    this.#resume =
      frame.resume_token === undefined
        ? undefined
        : { session_id: frame.session_id, resume_token: frame.resume_token };
    if (!goesOn) this.#sessionStarted();
    this.#setStatus({ modelId: frame.model_id, workerId: frame.worker_id });
  }

  #sessionStarted(): void {
    const continues = this.#continuation !== undefined;
    this.#continuation = undefined;
    this.#progress.sessionStarted(continues);
    if (!continues) this.#setStatus({ note: '' });
    this.#queue = { ...this.#queue, session: this.#queue.session + 1 };
    this.#options.events.sessionStarted(continues);
  }

  #takeError(frame: Extract<ServerFrame, { type: 'error' }>): void {
    this.#words = { ...this.#words, error: frame };
    // Requests that a session's end leaves unmade are kept by the queue of this page.
    if (frame.code === 'session_rejected' && this.#status.phase === 'active') return;
    // A session that cannot be taken up again is begun anew.
    if (this.#resuming && this.#status.phase !== 'active') return;
    this.#options.events.problem(errorSentence(frame));
    const toggle = frame.about?.toggle;
    if (toggle) this.#options.events.toggleRefused(toggle);
  }

  async #closed(close: StreamClose): Promise<void> {
    this.#client = undefined;
    const wasActive = this.#status.phase === 'active';
    const ending = endingOf(close, this.#words);
    if (ending.type === 'capped') {
      const continuation = this.#progress.continuation(this.#options.singleClips());
      if (continuation) {
        this.#continueInNext(continuation);
        return;
      }
    }
    if (ending.type === 'ended' || ending.type === 'capped') {
      this.#end(ending.sentence);
      return;
    }
    this.#setQueue(connectionLost(this.#queue));
    const resumeRefused = this.#resuming && !wasActive && close.wasOpen;
    if (resumeRefused) this.#resume = undefined;
    if (ending.type === 'refused' && !resumeRefused) {
      // The same state would be refused again.
      this.#continuation = undefined;
      this.#disconnect('');
      return;
    }
    const generation = this.#generation;
    if (!close.wasOpen) {
      const { sentence, retry } = await this.#options.diagnose();
      if (generation !== this.#generation) return;
      if (this.#attempt === 0 || !retry) this.#options.events.problem(sentence);
      if (!retry) {
        this.#disconnect('');
        return;
      }
    }
    this.#reconnectLater();
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
    const delayMs = reconnectDelayMs(this.#attempt);
    if (delayMs === undefined) {
      this.#disconnect(`Gave up after ${reconnectAttempts} attempts.`);
      return;
    }
    this.#setStatus({ phase: 'reconnecting', detail: `Attempt ${this.#attempt} of ${reconnectAttempts}` });
    clearTimeout(this.#reconnectTimer);
    this.#reconnectTimer = setTimeout(() => void this.#connect(), delayMs);
  }

  /** Stops until the person does something. */
  #disconnect(detail: string): void {
    this.#attempt = 0;
    this.#setStatus({ phase: 'disconnected', detail });
  }

  #end(sentence: string): void {
    this.#resume = undefined;
    this.#attempt = 0;
    this.#setQueue(this.#words.leaving ? dropWaiting(this.#queue) : connectionLost(this.#queue));
    const waiting = waitingCount(this.#queue);
    const also =
      waiting > 0
        ? ` ${waiting} waiting ${waiting === 1 ? 'prompt goes' : 'prompts go'} into the next one.`
        : '';
    this.#setStatus({ phase: 'ended', detail: `${sentence}${also}`, note: '' });
    this.#options.events.sessionEnded();
  }

  /** Sends the next request if the server has none waiting. */
  #pump(): void {
    if (this.#status.phase !== 'active' || this.#words.complete !== undefined || this.#words.leaving) return;
    this.#goOnWhenIdle();
    const next = nextToSend(this.#queue);
    if (!next) return;
    const { prompt, source, negativePrompt, seed } = next.request;
    const sent = this.#client?.send({
      type: 'segment_prompt_source',
      prompt,
      source,
      ...(negativePrompt === undefined ? {} : { negative_prompt: negativePrompt }),
      ...(seed === undefined ? {} : { seed }),
    });
    const waits = this.#status.paused || running(this.#queue) !== undefined;
    if (sent) this.#setQueue(markSent(this.#queue, next.key, performance.now(), waits));
  }

  #goOnWhenIdle(): void {
    const last = this.#queue.entries.at(-1);
    // Only after a success: what fails or was cancelled must not come again by itself.
    if (last?.state !== 'done' || this.#status.paused) return;
    const request = this.#options.whenIdle(last);
    if (request) this.#setQueue(hold(this.#queue, request));
  }

  #isIdle(): boolean {
    const { phase } = this.#status;
    return phase === 'idle' || phase === 'ended' || phase === 'disconnected';
  }

  #setQueue(queue: SegmentQueue): void {
    if (queue === this.#queue) return;
    this.#queue = queue;
    this.#tellSegments();
  }

  #tellSegments(): void {
    this.#options.events.segmentsChanged(this.#queue);
  }

  #setStatus(change: Partial<SessionStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#options.events.statusChanged(this.#status);
  }
}
