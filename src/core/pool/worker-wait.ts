import type { QueueReason } from '../protocol/queue-reason.ts';
import type { Pool, QueuePosition, WorkerInfo, WorkerStatus } from './pool.ts';

/** Where a session stands that waits for a worker, and why it waits. */
export interface Waiting extends QueuePosition {
  readonly reason: QueueReason;
}

/** Milliseconds between two looks at the reason. A session counts as idle when it is in two in a row. */
const lookMs = 1000;

type WorkerSource = Pick<Pool, 'acquire' | 'status'>;

/** One session's wait for a worker: each change of its place or of the reason is told. */
export class WorkerWait {
  readonly #pool: WorkerSource;
  readonly #onChange: (waiting: Waiting) => void;
  #last: Waiting | undefined;
  #wasIdle = false;

  constructor(pool: WorkerSource, onChange: (waiting: Waiting) => void) {
    this.#pool = pool;
    this.#onChange = onChange;
  }

  /** Throws what the pool throws. */
  async acquire(sessionId: string, signal: AbortSignal): Promise<WorkerInfo> {
    const look = setInterval(() => this.#look(), lookMs);
    try {
      return await this.#pool.acquire(sessionId, {
        signal,
        onPosition: (position) => {
          const reason = this.#last?.reason ?? queueReason(this.#pool.status().workers, false);
          this.#tell({ ...position, reason });
        },
      });
    } finally {
      clearInterval(look);
      this.#last = undefined;
    }
  }

  /** The server is shutting down. Does nothing for a session that does not wait. */
  drain(): void {
    if (this.#last) this.#tell({ ...this.#last, reason: 'draining' });
  }

  #look(): void {
    if (!this.#last || this.#last.reason === 'draining') return;
    const { workers, queueDepth } = this.#pool.status();
    const reason = queueReason(workers, this.#wasIdle);
    this.#wasIdle = hasIdleSession(workers);
    if (reason !== this.#last.reason) this.#tell({ ...this.#last, queueDepth, reason });
  }

  #tell(waiting: Waiting): void {
    this.#last = waiting;
    this.#onChange(waiting);
  }
}

/** `wasIdle`: an idle session was seen a while ago already; one that is between two segments does not count. */
export function queueReason(workers: readonly WorkerStatus[], wasIdle: boolean): QueueReason {
  if (!workers.some(({ ready }) => ready)) return 'warming_up';
  return wasIdle && hasIdleSession(workers) ? 'idle_session' : 'workers_busy';
}

function hasIdleSession(workers: readonly WorkerStatus[]): boolean {
  return workers.some(({ ready, idleSessions }) => ready && idleSessions > 0);
}
