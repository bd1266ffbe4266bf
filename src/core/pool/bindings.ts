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
  readonly onPosition: (position: QueuePosition) => void;
  readonly resolve: (slot: S) => void;
  lastPosition: number;
}

interface AcquireOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly onPosition: (position: QueuePosition) => void;
}

/** Who is bound to which slot, and who waits, in order of arrival. */
export class Bindings<S extends Slot> {
  readonly #slots = new Set<S>();
  readonly #bound = new Map<string, S>();
  readonly #waiting: Waiter<S>[] = [];

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
  async acquire(sessionId: string, options: AcquireOptions): Promise<S> {
    options.signal.throwIfAborted();
    const bound = this.#bound.get(sessionId);
    if (bound) return bound;
    const free = this.#waiting.length === 0 ? this.#freeSlot() : undefined;
    if (free) {
      this.#bound.set(sessionId, free);
      return free;
    }
    return await this.#wait(sessionId, options);
  }

  release(sessionId: string): void {
    if (this.#bound.delete(sessionId)) this.settle();
  }

  /** Moves a session from a slot that is not fit to one that is free and ready, if there is one. */
  move(sessionId: string): S | undefined {
    const slot = this.#freeSlot();
    if (slot) this.#bound.set(sessionId, slot);
    return slot;
  }

  /** Gives free slots to those who wait. Called after every change of a slot's readiness. */
  settle(): void {
    for (;;) {
      const [first] = this.#waiting;
      const slot = first && this.#freeSlot();
      if (!first || !slot) break;
      this.#waiting.shift();
      this.#bound.set(first.sessionId, slot);
      first.resolve(slot);
    }
    this.#tellPositions();
  }

  async #wait(sessionId: string, { signal, timeoutMs, onPosition }: AcquireOptions): Promise<S> {
    return await new Promise<S>((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        const index = this.#waiting.indexOf(waiter);
        if (index !== -1) this.#waiting.splice(index, 1);
      };
      const giveUp = (reason: unknown) => {
        leave();
        this.#tellPositions();
        reject(reason);
      };
      const onAbort = () => giveUp(signal.reason);
      const timer = setTimeout(() => {
        const seconds = timeoutMs / 1000;
        giveUp(
          new FastVideoError('gpu_unavailable', `No worker became free within ${seconds} s; try again.`),
        );
      }, timeoutMs);
      const waiter: Waiter<S> = {
        sessionId,
        onPosition,
        lastPosition: 0,
        resolve: (slot) => {
          leave();
          resolve(slot);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiter);
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
      waiter.onPosition({ position, queueDepth });
    }
  }
}
