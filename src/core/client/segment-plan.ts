import { isDeepStrictEqual } from 'node:util';
import type { PromptSource, SegmentEntry } from '../../client/segment-entry.ts';
import type { ContinuationState } from '../protocol/continuation-state.ts';

/** One segment to be made. */
export interface PlannedSegment {
  readonly prompt: string;
  /** The how manieth of the prompts it is, from 1; unset for what the server chose by itself. */
  readonly number?: number;
  readonly source: PromptSource;
  /** How often it has failed. */
  readonly failures: number;
  /** The film has its media already; it is made again for the state that it leads to. */
  readonly replay: boolean;
}

export interface FailedRequest {
  readonly request: PlannedSegment;
  /** The server chose it by itself. */
  readonly own: boolean;
}

interface Sent {
  readonly request: PlannedSegment;
  /** Its key in the segment list of the client library. */
  readonly key: number;
}

interface Running extends Sent {
  /** The server chose it by itself. */
  readonly own: boolean;
  readonly segmentIdx: number;
  /** All its media has come. */
  readonly mediaComplete: boolean;
}

type BegunSegment = Pick<SegmentEntry, 'key' | 'request' | 'segmentIdx'>;

export interface PlanOptions {
  /** A session to begin with. */
  readonly state: ContinuationState | undefined;
  /** Segments of the film; undefined: as many as there are prompts. */
  readonly limit: number | undefined;
  /** Segments do not go on where the one before ended: none is ever made again for its state. */
  readonly stateless: boolean;
  /** The server goes on by itself: no request is held back, and a cut one is not asked for again. */
  readonly auto: boolean;
}

/**
 * Which segments are there, are being made and are still to be made, over any number of sessions. Knows no socket.
 *
 * A new session begins with the last state that is known (`state`). Segments that were made after it (`#since`) are in
 * the film, but the state they led to is not known, when the session ended before it could be asked for: they are made
 * again, and their media is dropped. A server that reaches its cap sends its last state (`final_state`). With one that
 * does not know that, the cap costs one segment; from then on the cap is known, and sessions are left one segment before
 * it, with the state in hand.
 */
export class SegmentPlan {
  readonly #options: PlanOptions;
  #waiting: PlannedSegment[] = [];
  #sent: Sent | undefined;
  #running: Running | undefined;
  #since: PlannedSegment[] = [];
  #state: ContinuationState | undefined;
  #stateless: boolean;
  #added = 0;
  #made = 0;
  #skipped = 0;
  #madeInSession = 0;
  #progress = false;
  #cap: number | undefined;
  /** The server sends its state at the cap. */
  #givesFinalState = false;

  constructor(options: PlanOptions) {
    this.#options = options;
    this.#state = options.state;
    this.#stateless = options.stateless;
  }

  /** The last state that is known; `stateIsLast` says whether segments were made after it. */
  get state(): ContinuationState | undefined {
    return this.#state;
  }

  get stateIsLast(): boolean {
    return this.#since.length === 0;
  }

  /** Whether states are worth asking for. */
  get stateless(): boolean {
    return this.#stateless;
  }

  /** Segments that are whole in the film. */
  get made(): number {
    return this.#made;
  }

  get skipped(): number {
    return this.#skipped;
  }

  /** Segments that the server makes in one session, once it is known. */
  get cap(): number | undefined {
    return this.#cap;
  }

  get running(): PlannedSegment | undefined {
    return this.#running?.request;
  }

  /** The server's index of that segment. */
  get runningIdx(): number | undefined {
    return this.#running?.segmentIdx;
  }

  /** Prompts that are held here. */
  get waiting(): number {
    return (
      this.#waiting.filter(({ replay }) => !replay).length + (this.#sent?.request.replay === false ? 1 : 0)
    );
  }

  get hasReplays(): boolean {
    return this.#waiting.some(({ replay }) => replay) || this.#sent?.request.replay === true;
  }

  /** Nothing is asked for that has not been answered. */
  get quiet(): boolean {
    return this.#running === undefined && this.#sent === undefined;
  }

  get hasWork(): boolean {
    return !this.quiet || this.#waiting.length > 0;
  }

  get limitReached(): boolean {
    return this.#options.limit !== undefined && this.#made >= this.#options.limit;
  }

  /** Whether the segment that runs is the last one. */
  get runsLast(): boolean {
    const { limit } = this.#options;
    return limit !== undefined && this.#running?.request.replay === false && this.#made + 1 >= limit;
  }

  /** Whether another prompt can be used now: one waits beside those in the server. */
  get wantsPrompt(): boolean {
    const { limit } = this.#options;
    const running = this.#running && !this.#running.request.replay ? 1 : 0;
    const planned = this.#made + running + this.waiting;
    return this.waiting < 2 && (limit === undefined || planned < limit);
  }

  add(prompt: string): void {
    this.#added += 1;
    this.#waiting.push({ prompt, number: this.#added, source: 'user', failures: 0, replay: false });
  }

  /**
   * Sends what is to be sent now. One request waits in the server while another is made: its generator never idles, and
   * an `error` about a request can only mean that one.
   *
   * @param send - gives the key of the segment in the list of the client library
   */
  sendNext(send: (request: PlannedSegment) => number): void {
    if (this.#sent || this.#mustRenew) return;
    const request = this.#waiting.shift();
    if (request) this.#sent = { request, key: send(request) };
  }

  /** The session would end before its last state could be asked for: leave it, and go on in a new one. */
  get wantsNewSession(): boolean {
    return this.#mustRenew && this.quiet && this.stateIsLast && this.#waiting.length > 0;
  }

  get #mustRenew(): boolean {
    if (this.#cap === undefined || this.#stateless || this.#options.auto || this.#givesFinalState)
      return false;
    return this.#madeInSession + (this.#running ? 1 : 0) >= this.#cap - 1;
  }

  /** A session was opened; its cap counts from 0. */
  newSession(): void {
    this.#waiting = [...this.#since.map((request) => ({ ...request, replay: true })), ...this.#waiting];
    this.#since = [];
    this.#madeInSession = 0;
    this.#progress = false;
  }

  begin({ key, request: { prompt, source = 'user' }, segmentIdx = 0 }: BegunSegment): void {
    const asked = this.#sent?.key === key ? this.#sent.request : undefined;
    if (asked) this.#sent = undefined;
    const request = asked ?? { prompt, source, failures: 0, replay: false };
    this.#running = { request, key, own: !asked, segmentIdx, mediaComplete: false };
  }

  mediaComplete(): void {
    if (this.#running) this.#running = { ...this.#running, mediaComplete: true };
  }

  complete(): void {
    const done = this.#running?.request;
    if (!done) return;
    this.#running = undefined;
    this.#madeInSession += 1;
    if (!done.replay) {
      this.#made += 1;
      this.#progress = true;
    }
    if (!this.#stateless) this.#since.push(done);
  }

  /** The state after the last segment that was complete. */
  snapshot(state: ContinuationState): void {
    if (this.#since.length > 0) this.#progress = true;
    this.#state = state;
    this.#since = [];
  }

  /**
   * Whether a resumed session stands where the film does. It does not when a killed server had not written its last
   * segment down, nor when it had ended one that never came whole; then a new session has to go on from `state`.
   */
  standsAt(state: ContinuationState | undefined): boolean {
    const known = isDeepStrictEqual(state, this.#state);
    return this.stateIsLast ? known : !known && state !== undefined;
  }

  /** The server has no states to give. */
  noState(): void {
    this.#stateless = true;
    this.#since = [];
  }

  /** Takes the request that failed, of those in the server, out of the plan; undefined: none did. */
  takeFailed(hasFailed: (key: number) => boolean): FailedRequest | undefined {
    const [running, sent] = [this.#running, this.#sent];
    if (running && hasFailed(running.key)) {
      this.#running = undefined;
      return { request: running.request, own: running.own };
    }
    if (!sent || !hasFailed(sent.key)) return undefined;
    this.#sent = undefined;
    return { request: sent.request, own: false };
  }

  /** Asks for it again, before all others. */
  again(request: PlannedSegment): void {
    this.#waiting.unshift({ ...request, failures: request.failures + 1 });
  }

  skip(): void {
    this.#skipped += 1;
  }

  /** The connection is gone: what was not complete is asked for again, in its place. */
  connectionLost(): void {
    const [running, sent] = [this.#running, this.#sent];
    if (running?.mediaComplete) this.complete();
    this.#running = undefined;
    this.#sent = undefined;
    const again = running && !running.mediaComplete && !running.own ? [running.request] : [];
    this.#waiting = [...again, ...(sent ? [sent.request] : []), ...this.#waiting];
  }

  /** The session has reached the server's cap. False when another one would come no further. */
  capReached(): boolean {
    this.#cap = Math.max(this.#madeInSession, 1);
    this.#givesFinalState = this.stateIsLast && !this.#stateless;
    const first = this.#cap === 1 && this.#since.length > 0;
    return this.#progress && !first;
  }
}
