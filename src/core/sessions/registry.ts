import { randomUUID } from 'node:crypto';
import { aborted } from '../base/async/aborted.ts';
import { FastVideoError } from '../base/errors.ts';
import type { Part } from '../base/lifecycle.ts';
import type { SessionStatus } from '../protocol/http/status.ts';
import { livePhases, type SessionPhase } from './phase.ts';
import type { Session } from './session.ts';

/** A session that is connected, as the registry sees it. */
export interface LiveSession {
  readonly id: string;
  readonly phase: SessionPhase;
  /** Milliseconds that count towards the session time-out. */
  clockMs(now: number): number;
  /** The session time-out is reached: tell the client and end. */
  expire(): void;
  /** The server stops: end after the segment that is being made. */
  drain(): Promise<void>;
  /** Whoever has the token goes on with it elsewhere: end here, and say where it stopped. */
  supersede(): Promise<Session>;
  /** End at once; what there is of it can be resumed. */
  terminate(): Promise<void>;
  describe(now: number): SessionStatus;
}

export interface RegistryOptions {
  /** Sessions at once, the waiting ones counted in. */
  readonly maxSessions: number;
  readonly sessionTimeoutMs: number;
}

/** A place for one session; given back exactly once. */
export interface Admission {
  readonly id: string;
  attach(session: LiveSession): void;
  release(): void;
}

interface SessionSlot {
  /** Unset while the session is being opened. */
  session: LiveSession | undefined;
}

/** Who is here: admits sessions up to the limit, ends idle ones, drains all. */
export class SessionRegistry implements Part {
  readonly name = 'sessions';
  readonly #options: RegistryOptions;
  readonly #slots = new Map<string, SessionSlot>();
  #reaper: NodeJS.Timeout | undefined;
  #draining = false;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Sessions at once at most. */
  get limit(): number {
    return this.#options.maxSessions;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Sessions by phase, for metrics; none is told too. */
  phases(): Map<SessionPhase, number> {
    const phases = new Map<SessionPhase, number>(livePhases.map((phase) => [phase, 0]));
    for (const { session } of this.#slots.values()) {
      const phase = session?.phase ?? 'INITIALIZING';
      phases.set(phase, (phases.get(phase) ?? 0) + 1);
    }
    return phases;
  }

  /** A session that is connected; undefined for one that is still being opened. */
  find(id: string): LiveSession | undefined {
    return this.#slots.get(id)?.session;
  }

  /** The first `limit` sessions, for operators. */
  describe(limit: number): SessionStatus[] {
    const now = performance.now();
    return this.#live()
      .slice(0, limit)
      .map((session) => session.describe(now));
  }

  /**
   * Throws `session_rejected`: at the limit (not retryable), while draining (retryable), or when the session that is
   * to be resumed is connected.
   */
  admit(id: string = randomUUID()): Admission {
    const { maxSessions } = this.#options;
    this.refuseWhileDraining();
    if (this.#slots.size >= maxSessions) {
      throw new FastVideoError(
        'session_rejected',
        `The server has reached its limit of ${maxSessions} sessions.`,
      );
    }
    if (this.#slots.has(id)) throw new FastVideoError('session_rejected', 'The session cannot be resumed.');
    return this.#place(id);
  }

  /**
   * Hands the place of a connected session on; whoever had it has nothing to give back any more. Never throws: the
   * token that allows this is used up, so a refusal would lose the session.
   */
  takeOver(id: string): Admission {
    return this.#place(id);
  }

  /** Throws `session_rejected`, retryable. */
  refuseWhileDraining(): void {
    if (!this.#draining) return;
    const message = 'The server is shutting down and accepts no new sessions; try again.';
    throw new FastVideoError('session_rejected', message, { retryable: true });
  }

  async start(): Promise<void> {
    const { sessionTimeoutMs } = this.#options;
    const everyMs = sessionTimeoutMs === 0 ? 1000 : Math.min(1000, Math.max(20, sessionTimeoutMs / 4));
    this.#reaper = setInterval(() => this.#expireDue(), everyMs);
    this.#reaper.unref();
  }

  async drain(deadline: AbortSignal): Promise<void> {
    this.#draining = true;
    const drained = Promise.all(this.#live().map((session) => session.drain()));
    await Promise.race([drained, aborted(deadline)]);
    await this.#terminateAll();
  }

  async stop(): Promise<void> {
    this.#draining = true;
    clearInterval(this.#reaper);
    await this.#terminateAll();
  }

  async #terminateAll(): Promise<void> {
    await Promise.all(this.#live().map((session) => session.terminate()));
  }

  #place(id: string): Admission {
    const place: SessionSlot = { session: undefined };
    this.#slots.set(id, place);
    return {
      id,
      attach: (session) => {
        place.session = session;
      },
      release: () => {
        if (this.#slots.get(id) === place) this.#slots.delete(id);
      },
    };
  }

  #live(): LiveSession[] {
    return [...this.#slots.values()].flatMap(({ session }) => (session ? [session] : []));
  }

  #expireDue(): void {
    const { sessionTimeoutMs } = this.#options;
    if (sessionTimeoutMs === 0) return;
    const now = performance.now();
    for (const session of this.#live()) {
      if (session.clockMs(now) >= sessionTimeoutMs) session.expire();
    }
  }
}
