import { timeLimit } from '../base/async/deadline.ts';
import { FastVideoError } from '../base/errors.ts';
import type { QueuePosition } from './pool.ts';

/** A place where sessions can be bound: a worker. */
export interface Slot {
  readonly capacity: number;
  /** Fit to take a session now. */
  readonly ready: boolean;
}

interface Waiter<S extends Slot> {
  readonly sessionId: string;
  readonly resolve: (slot: S) => void;
  readonly reject: (reason: unknown) => void;
  readonly onPosition?: (position: QueuePosition) => void;
  lastPosition: number;
}

interface WaitOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

interface AcquireOptions extends WaitOptions {
  readonly onPosition: (position: QueuePosition) => void;
  /** Whether it is for a job; default: for a session. */
  readonly job?: boolean;
}

interface HealthyOptions<S extends Slot> extends WaitOptions {
  /** What to throw when neither the session's slot comes back nor another becomes free. */
  readonly why: (bound: S) => FastVideoError;
}

/** Who is bound to which slot, and who waits, in order of arrival. */
export class Bindings<S extends Slot> {
  readonly #slots = new Set<S>();
  readonly #bound = new Map<string, S>();
  /** Sessions without a slot yet. */
  readonly #waiting: Waiter<S>[] = [];
  /** Jobs without a slot yet. */
  readonly #jobs: Waiter<S>[] = [];
  readonly #jobShare: number;
  /** What jobs have coming of the slots that went to sessions while jobs waited; a job gets one at 1. */
  #owedToJobs = 0;
  /** Sessions whose slot has ceased to be ready; they are served first. */
  readonly #stranded: Waiter<S>[] = [];

  /** @param jobShare - of the slots that come free while sessions and jobs wait, the part that goes to jobs, 0 to 1 */
  constructor(jobShare = 0.5) {
    this.#jobShare = jobShare;
  }

  /** Sessions that wait. */
  get queueDepth(): number {
    return this.#waiting.length;
  }

  add(slot: S): void {
    this.#slots.add(slot);
    this.settle();
  }

  slotOf(sessionId: string): S | undefined {
    return this.#bound.get(sessionId);
  }

  sessionsOn(slot: S): number {
    let sessions = 0;
    for (const other of this.#bound.values()) if (other === slot) sessions += 1;
    return sessions;
  }

  /** Throws `gpu_unavailable` after the time-out, and the signal's reason when it aborts. */
  async acquire(sessionId: string, { onPosition, job = false, ...options }: AcquireOptions): Promise<S> {
    options.signal.throwIfAborted();
    const bound = this.#bound.get(sessionId);
    if (bound) return bound;
    // Whoever waits is given a slot as soon as one is free.
    const free = this.#freeSlot();
    if (free) {
      this.#bound.set(sessionId, free);
      return free;
    }
    const seconds = options.timeoutMs / 1000;
    const late = new FastVideoError(
      'gpu_unavailable',
      `No worker became free within ${seconds} s; try again.`,
    );
    const queue = job ? this.#jobs : this.#waiting;
    return await this.#wait(queue, { sessionId, onPosition }, options, () => late);
  }

  /**
   * The session's slot when it is ready, else another that is free, else whichever of the two comes first. Throws the
   * error of `why` after the time-out, and the signal's reason when it aborts.
   */
  async healthySlot(sessionId: string, { why, ...options }: HealthyOptions<S>): Promise<S> {
    options.signal.throwIfAborted();
    const bound = this.#bound.get(sessionId);
    if (!bound) throw new FastVideoError('internal_error', `Session ${sessionId} is not bound to a worker.`);
    return (
      this.#refuge(sessionId) ?? (await this.#wait(this.#stranded, { sessionId }, options, () => why(bound)))
    );
  }

  release(sessionId: string): void {
    if (this.#bound.delete(sessionId)) this.settle();
  }

  /** Gives free slots to those who wait. Called after every change of a slot's readiness. */
  settle(): void {
    for (const waiter of [...this.#stranded]) {
      const slot = this.#refuge(waiter.sessionId);
      if (slot) waiter.resolve(slot);
    }
    for (;;) {
      const slot = this.#freeSlot();
      const first = slot && this.#next();
      if (!first) break;
      this.#bound.set(first.sessionId, slot);
      first.resolve(slot);
    }
    this.#tellPositions();
  }

  /** No slot will come: everybody who waits is told so. */
  refuseWaiting(reason: unknown): void {
    for (const waiter of [...this.#stranded, ...this.#waiting, ...this.#jobs]) waiter.reject(reason);
  }

  /** Who is given the next slot. */
  #next(): Waiter<S> | undefined {
    const [session] = this.#waiting;
    const [job] = this.#jobs;
    if (!session || !job) return session ?? job;
    this.#owedToJobs += this.#jobShare;
    if (this.#owedToJobs < 1) return session;
    this.#owedToJobs -= 1;
    return job;
  }

  /** Where a bound session can go on now. */
  #refuge(sessionId: string): S | undefined {
    const bound = this.#bound.get(sessionId);
    // A session that has left takes no slot any more.
    if (!bound || bound.ready) return bound;
    const slot = this.#freeSlot();
    if (slot) this.#bound.set(sessionId, slot);
    return slot;
  }

  async #wait(
    queue: Waiter<S>[],
    who: Pick<Waiter<S>, 'sessionId' | 'onPosition'>,
    { signal, timeoutMs }: WaitOptions,
    late: () => FastVideoError,
  ): Promise<S> {
    using patience = timeLimit(timeoutMs, signal, late);
    const over = patience.signal;
    return await new Promise<S>((resolve, reject) => {
      const leave = () => {
        over.removeEventListener('abort', onAbort);
        const index = queue.indexOf(waiter);
        if (index !== -1) queue.splice(index, 1);
      };
      const waiter: Waiter<S> = {
        ...who,
        lastPosition: 0,
        resolve: (slot) => {
          leave();
          resolve(slot);
        },
        reject: (reason) => {
          leave();
          this.#tellPositions();
          reject(reason);
        },
      };
      const onAbort = () => waiter.reject(over.reason);
      over.addEventListener('abort', onAbort, { once: true });
      queue.push(waiter);
      this.#tellPositions();
    });
  }

  #freeSlot(): S | undefined {
    let best: S | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const slot of this.#slots) {
      if (!slot.ready) continue;
      const sessions = this.sessionsOn(slot);
      if (sessions < slot.capacity && sessions < fewest) {
        best = slot;
        fewest = sessions;
      }
    }
    return best;
  }

  #tellPositions(): void {
    const queueDepth = this.#waiting.length;
    for (const [index, waiter] of [...this.#waiting].entries()) {
      const position = index + 1;
      if (waiter.lastPosition === position) continue;
      waiter.lastPosition = position;
      waiter.onPosition?.({ position, queueDepth });
    }
  }
}
