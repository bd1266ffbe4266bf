import { type ErrorAbout, FastVideoError } from '../../base/errors.ts';
import type { WorkerInfo } from '../../pool/pool.ts';
import type { SegmentOutcome } from '../../sessions/segment-outcome.ts';
import { steeredAt } from '../../sessions/steering.ts';
import type { ClientSocket } from '../client-socket.ts';
import type {
  Change,
  Closing,
  Effect,
  SessionDialect,
  SessionEffect,
  SessionState,
  ToldMembers,
} from './dialect.ts';
import { errorFrame } from './error-frame.ts';
import { type GivenPictures, SessionPictures } from './picture.ts';
import { PromptCalls } from './prompt-calls.ts';
import type { SegmentEnd } from './segment-job.ts';
import type { SessionResources } from './session-resources.ts';
import { type Restored, SessionSegment } from './session-segment.ts';
import { SessionWire } from './session-wire.ts';
import { steeredTooLate } from './steering.ts';
import type { StreamParts } from './stream-settings.ts';

/** What a session begins with. */
export interface FirstState<State> {
  readonly state: State;
  readonly pictures: GivenPictures | undefined;
  /** Whether the client asked for checkpoints. */
  readonly checkpoints: boolean;
  /** Set for a session that goes on from a checkpoint. */
  readonly restored?: Restored;
}

export interface StepsOptions<State extends SessionState, Frame> {
  readonly id: string;
  readonly parts: StreamParts;
  readonly socket: ClientSocket;
  readonly dialect: SessionDialect<State, Frame>;
  /** Whether messages are worked on before the session has a worker. */
  readonly steersWhileQueued: boolean;
  readonly resources: SessionResources;
  /** Aborts when the session is over. */
  readonly over: AbortSignal;
  /** A step asks for the end of the session. */
  readonly onEnd: (reason: Extract<SessionEffect, { kind: 'end' }>['reason']) => void;
  readonly onSegmentEnd: () => void;
  /** A bug of ours was met: the session is to end. */
  readonly onBug: (error: unknown) => void;
}

/**
 * The state of a session and what follows from it: each step is told to the client and kept for a resume, then the calls
 * that its prompts wait for are made, and the segment that it has chosen.
 */
export class SessionSteps<State extends SessionState, Frame extends object> {
  readonly wire: SessionWire;
  readonly segment: SessionSegment<State>;
  readonly #options: StepsOptions<State, Frame>;
  readonly #pictures: SessionPictures;
  readonly #calls: PromptCalls;
  #state: State;
  /** Whether the client was told how the session begins. */
  #begun: boolean;
  #worker: WorkerInfo | undefined;
  /** How the segment ended, while that is written and the client is not told yet. */
  #outcome: SegmentOutcome | undefined;
  #settling = false;
  #isHeld = false;

  constructor(options: StepsOptions<State, Frame>, first: FirstState<State>) {
    const { id, parts, socket, dialect, resources, over, onBug } = options;
    const { state, pictures, checkpoints, restored } = first;
    this.#options = options;
    this.#state = state;
    this.#begun = restored?.begun ?? false;
    const members = () => dialect.members(this.#state, this.#toldMembers());
    this.wire = new SessionWire(socket, parts.logger, checkpoints ? members : undefined);
    const { bindingId, log, logger } = resources;
    this.#pictures = new SessionPictures(pictures?.stored, restored?.picture ?? 'opening', logger);
    const { pool, metrics } = parts;
    this.segment = new SessionSegment<State>(
      {
        sessionId: id,
        dialect,
        realtimeLeadMs: parts.settings.realtimeLeadMs,
        parts: { pool, metrics, wire: this.wire, bindingId, log, logger },
        onStart: (frames) => this.#tell({ state: this.#state, frames }),
        onSteered: (step, frames) => this.#tell({ state: steeredAt(this.#state, step), frames }),
        onEnd: async (end) => await this.#segmentEnded(end).catch(onBug),
      },
      restored,
    );
    this.#calls = new PromptCalls({
      limit: parts.settings.maxPromptCalls,
      over,
      onEnd: (bug) => {
        if (bug) onBug(bug.error);
        else this.#settleGuarded();
      },
    });
    // What a resume took out of the store is back in it before anything else happens.
    if (resources.resumed) this.#keep();
  }

  get state(): State {
    return this.#state;
  }

  /** Unset while the session waits for one. */
  get worker(): WorkerInfo | undefined {
    return this.#worker;
  }

  /** Makes the step's state the session's, tells the client, and does what is to be done next. */
  take(change: Change<State>): void {
    if (this.#options.over.aborted) return;
    this.#tell(change);
    this.settle();
  }

  /**
   * Works on the message of that number. Never rejects: what goes wrong is told, and the session goes on, unless it is a
   * bug of ours. A checkpoint tells of the effect together with the message that had it.
   *
   * @param about - what an error that answers the message names
   */
  async receive(message: number, about: ErrorAbout, read: () => Frame): Promise<void> {
    const { dialect, resources, over, onBug } = this.#options;
    if (over.aborted) return;
    try {
      const frame = read();
      resources.log.frame(frame);
      const effect = dialect.receive(frame);
      const due: Effect<State> = effect instanceof Promise ? await effect : effect;
      if (!over.aborted) this.take(due(this.#state));
    } catch (error) {
      if (!(error instanceof FastVideoError)) onBug(error);
      else if (!over.aborted) this.sendError(error.concerning(about));
    }
    this.wire.done(message);
  }

  sendError(error: FastVideoError): void {
    const { parts, resources, id, dialect } = this.#options;
    parts.metrics.errorSent(error, id);
    resources.log.write('error', { code: error.code, message: error.message });
    this.wire.sendFrame(errorFrame(dialect.told?.(error) ?? error));
  }

  /** The session goes on with this worker: what was under way where the session was before comes first. */
  begin(worker: WorkerInfo): void {
    this.#worker = worker;
    const opened = this.#options.dialect.opened(this.#state, this.#begun);
    this.#begun = true;
    this.#tell(opened);
    this.segment.make(this.#state, worker, this.#pictures.pictures);
    this.settle();
  }

  /** The server shuts down: no further segment is begun. */
  hold(): void {
    this.#isHeld = true;
  }

  /** The client is told how the session ends; nothing follows from that. */
  tellEnd(closing: Closing): void {
    this.#tell(this.#options.dialect.closing(this.#state, closing));
  }

  /** The session is over. */
  abandon(): void {
    this.segment.job?.abandon();
    this.#pictures.replace(undefined, null, this.segment.job?.ended);
  }

  /** Does what there is to do by itself, until something has to come from outside. */
  settle(): void {
    // What is done below may come back here; the loop sees the new state.
    if (this.#settling) return;
    const { dialect, over, steersWhileQueued } = this.#options;
    this.#settling = true;
    try {
      for (let before: State | undefined; before !== this.#state && !over.aborted; ) {
        before = this.#state;
        this.#advance();
        if (this.#worker || steersWhileQueued) this.#calls.pursue(dialect.calls(this.#state));
      }
    } finally {
      this.#settling = false;
    }
  }

  #settleGuarded(): void {
    try {
      this.settle();
    } catch (error) {
      this.#options.onBug(error);
    }
  }

  #advance(): void {
    const { dialect, over } = this.#options;
    while (this.#worker && !this.#isHeld && !over.aborted) {
      const change = dialect.advance(this.#state);
      if (!change) return;
      this.#tell(change);
      this.segment.make(this.#state, this.#worker, this.#pictures.pictures);
    }
  }

  #tell({ state, frames, effects = [] }: Change<State>): void {
    for (const effect of effects) if (effect.kind === 'start_from') this.#startFrom(effect.pictures);
    this.#state = state;
    this.wire.changed();
    this.#keep();
    for (const frame of frames) {
      if (frame instanceof FastVideoError) {
        this.sendError(frame);
        continue;
      }
      this.#options.resources.log.frame(frame);
      this.wire.sendFrame(frame);
    }
    this.segment.follow(state);
    for (const effect of effects) if (effect.kind === 'end') this.#options.onEnd(effect.reason);
  }

  #startFrom(pictures: GivenPictures | undefined): void {
    // Without checkpoints nobody asks for the pictures as they came.
    const origin = this.wire.sendsCheckpoints ? pictures?.given : undefined;
    this.#pictures.replace(pictures?.stored, origin ?? null, this.segment.job?.ended);
  }

  async #segmentEnded({ outcome, frames }: SegmentEnd): Promise<void> {
    const { dialect, resources, over, onSegmentEnd } = this.#options;
    const { kept } = resources;
    if (kept) {
      // A client that has been told of the end may come back to another replica in the next moment.
      this.#outcome = outcome;
      this.#keep();
      await kept.persisted();
      this.#outcome = undefined;
    }
    this.segment.close();
    onSegmentEnd();
    const late = steeredTooLate(this.#state);
    const end = dialect.segmentEnded(this.#state, outcome);
    this.#state = end.state;
    if (over.aborted) return;
    const told = [...frames, ...(late ? [late] : []), ...end.frames];
    this.#tell({ state: end.state, frames: told });
    // The end of a segment is told apart from what comes next.
    this.wire.flush();
    this.settle();
  }

  #toldMembers(): ToldMembers {
    return { begun: this.#begun, ...this.segment.told, picture: this.#pictures.origin };
  }

  #keep(): void {
    const { dialect, resources } = this.#options;
    if (!dialect.resume) return;
    const state = this.#outcome ? dialect.segmentEnded(this.#state, this.#outcome).state : this.#state;
    resources.kept?.keep(dialect.resume.record(state));
  }
}
