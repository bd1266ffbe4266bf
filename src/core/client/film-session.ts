import { FastVideoError as ClientError } from '../../client/errors.ts';
import type { ServerFrame } from '../../client/frames.ts';
import type { Session } from '../../client/session.ts';
import type { SessionInit } from '../../client/session-options.ts';
import type { ContinuationState } from '../protocol/continuation-state.ts';
import type { StreamObserver, StreamProgress } from './client-event.ts';
import type { FilmWriter } from './film/film-writer.ts';
import { failureOf } from './segment-failure.ts';
import type { SegmentFailures } from './segment-failures.ts';
import type { SegmentPlan } from './segment-plan.ts';
import { sessionInit, toggleFrames } from './session-frames.ts';
import { goesOnByItself, type StreamRequest } from './stream-request.ts';

export interface FilmSessionParts {
  readonly session: Pick<Session, 'enqueue' | 'leave' | 'remove' | 'segments' | 'send' | 'snapshot'>;
  readonly plan: SegmentPlan;
  readonly film: FilmWriter;
  readonly observer: StreamObserver;
  /** Prompts that the server walks by itself. */
  readonly curated: readonly string[];
  readonly onState: (state: ContinuationState) => void;
  readonly failures: SegmentFailures;
  readonly tell: (change: Partial<StreamProgress>) => void;
  /** Takes what comes later: an answer, after which more may be done. */
  readonly step: (take: () => void) => void;
}

/** Asks the session for what the plan wants, and takes what the server says into the plan and the film. */
export class FilmSession {
  readonly #request: StreamRequest;
  readonly #parts: FilmSessionParts;
  readonly #auto: boolean;
  /** The server takes requests. */
  #isOpen = false;
  #isResumed = false;
  /** Binary messages of the segment with media in them. */
  #chunks = 0;
  /** A resumed session is asked where it stands before anything is asked for. */
  #checking = false;
  /** The server has been told to go on by itself. */
  #toggled = true;

  constructor(request: StreamRequest, parts: FilmSessionParts) {
    this.#request = request;
    this.#parts = parts;
    this.#auto = goesOnByItself(request);
  }

  /** A connection is being opened, for the session of before or for another one. */
  connecting(isResumed: boolean): void {
    const { plan } = this.#parts;
    if (!isResumed) plan.newSession();
    this.#isResumed = isResumed;
    this.#toggled = !this.#auto || (!isResumed && !plan.hasReplays);
  }

  /** What it is opened with; a session that is resumed has it already. */
  init(): SessionInit {
    const { plan, curated } = this.#parts;
    if (this.#isResumed) return {};
    return sessionInit(this.#request, {
      state: plan.state,
      curated,
      made: plan.made,
      goOnAtOnce: !plan.hasReplays,
    });
  }

  /** The connection is gone: what was not complete waits in the plan again, and not in the session. */
  lost(): void {
    const { plan, session } = this.#parts;
    this.#isOpen = false;
    this.#checking = false;
    plan.connectionLost();
    for (const { key, state } of session.segments) if (state === 'held') session.remove(key);
  }

  /** Sends what can be sent now. */
  pursue(): void {
    const { plan, session } = this.#parts;
    if (!this.#isOpen) return;
    if (plan.wantsNewSession) {
      this.#leave();
      return;
    }
    if (this.#checking) return;
    const { negativePrompt, seed } = this.#request;
    plan.sendNext(({ prompt, source }) => {
      const options = {
        ...(negativePrompt === undefined ? {} : { negativePrompt }),
        ...(seed === undefined ? {} : { seed }),
      };
      return session.enqueue([{ prompt, source, ...options }])[0] ?? 0;
    });
    if (!this.#toggled && !plan.hasReplays && !plan.limitReached) this.#toggle(true);
  }

  takeMedia(data: Uint8Array): void {
    const { film, plan } = this.#parts;
    if (!this.#isOpen) return;
    this.#chunks += 1;
    if (plan.running?.replay === false && !plan.limitReached) film.media(data);
    // What is dropped takes time on the server's line, and none in the film.
    else film.beginTimeline();
  }

  takeFrame(frame: ServerFrame): void {
    const { plan, film, session, tell } = this.#parts;
    switch (frame.type) {
      case 'queue_status':
        tell({ phase: 'queued', position: frame.position, queueReason: frame.reason });
        return;
      case 'ltx2_stream_start':
        this.#isOpen = true;
        film.beginTimeline();
        this.#checking = this.#isResumed && !plan.stateless && !this.#auto;
        if (this.#checking) this.#askForState();
        tell({ phase: 'active' });
        return;
      case 'ltx2_segment_start': {
        const begun = session.segments.find(({ state }) => state === 'running');
        if (begun) plan.begin(begun);
        this.#chunks = 0;
        if (this.#auto && plan.runsLast) this.#toggle(false);
        tell({ isGenerating: true, step: 0, totalSteps: frame.total_steps });
        return;
      }
      case 'step_complete':
        tell({ step: frame.step, totalSteps: frame.total_steps });
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
      default:
        return;
    }
  }

  /** What ends the session is told by its end. */
  takeError(error: ClientError): void {
    const { plan, session, failures } = this.#parts;
    if (!this.#isOpen) return;
    const isMaking = plan.running !== undefined;
    const failed = plan.takeFailed((key) =>
      session.segments.some((one) => one.key === key && (one.state === 'failed' || one.state === 'blocked')),
    );
    failures.take(failureOf(error, { failed, isMaking, onError: this.#request.onError }));
  }

  /** A session that was left is over for the film: what it still sends belongs to nobody. */
  #leave(): void {
    this.#isOpen = false;
    this.#parts.session.leave();
  }

  #toggle(on: boolean): void {
    this.#toggled = true;
    for (const frame of toggleFrames(this.#request, on)) this.#parts.session.send(frame);
  }

  /** Goes by the messages, as a gap in the times may be the server's own. */
  #checkChunks({ segment_idx, chunks }: Extract<ServerFrame, { type: 'media_segment_complete' }>): void {
    const { plan, observer } = this.#parts;
    const missing = chunks - this.#chunks;
    if (missing <= 0 || plan.running?.replay !== false || plan.runningIdx !== segment_idx) return;
    const { prompt } = plan.running;
    observer.event({ event: 'media_missing', prompt, segment_idx, missing, chunks });
  }

  #segmentComplete(): void {
    const { plan, tell, failures } = this.#parts;
    plan.complete();
    failures.segmentMade();
    tell({ made: plan.made, isGenerating: false, step: 0, totalSteps: 0 });
    if (!plan.stateless) this.#askForState();
  }

  /**
   * Whole, not by reference: another server may have to go on from it. Answered at once, also while the next segment is
   * made, so that the answer is the state after the last segment that came. The answer is taken as a frame.
   */
  #askForState(): void {
    const { session, step } = this.#parts;
    session.snapshot().then(undefined, (error: unknown) => {
      step(() => {
        if (!(error instanceof ClientError)) throw error;
        // The connection is gone, and what that means is told by itself.
        if (error.code !== 'connection_lost' && error.code !== 'not_connected') this.#takeState(undefined);
      });
    });
  }

  /** Undefined: the server has none. */
  #takeState(state: ContinuationState | undefined): void {
    const { plan, film, onState } = this.#parts;
    if (!this.#isOpen) return;
    if (this.#checking && !plan.standsAt(state)) {
      this.#leave();
      return;
    }
    if (state) {
      plan.snapshot(state);
      // Not before the film is there.
      film.after(() => onState(state));
    } else if (!this.#checking) plan.noState();
    this.#checking = false;
  }
}
