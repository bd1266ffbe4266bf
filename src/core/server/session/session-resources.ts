import { randomUUID } from 'node:crypto';
import type { Logger } from '../../base/log.ts';
import type { Pool, QueuePosition, WorkerInfo } from '../../pool/pool.ts';
import { type Waiting, WorkerWait } from '../../pool/worker-wait.ts';
import type { KeptSession } from '../../sessions/kept-session.ts';
import type { SessionPhase } from '../../sessions/phase.ts';
import type { Admission } from '../../sessions/registry.ts';
import type { ResumableSessions } from '../../sessions/resume.ts';
import type { SessionLog } from '../../sessions/session-log.ts';

export interface ResourceParts {
  readonly pool: Pool;
  readonly resumable: ResumableSessions;
  readonly openSessionLog: (sessionId: string) => SessionLog;
  readonly logger: Logger;
}

export interface HeldSession {
  readonly admission: Admission;
  /** Whether it can be resumed by who has its token. */
  readonly keeps: boolean;
  /** Set for a session that was resumed: the blobs of the record that is gone. */
  readonly resumedFrom?: readonly string[] | undefined;
}

/** What one session holds while it lives: a place, a worker, a log, and its record in the store. */
export class SessionResources {
  readonly log: SessionLog;
  readonly logger: Logger;
  readonly resumed: boolean;
  /** Names the binding to a worker; the session's id may be bound a second time while this connection ends. */
  readonly bindingId = randomUUID();
  /** Kept under a token that is good for one resume; unset where nothing is kept. */
  readonly kept: KeptSession | undefined;
  readonly #parts: ResourceParts;
  readonly #admission: Admission;
  #wait: WorkerWait | undefined;
  #putAway: Promise<void> = Promise.resolve();

  /** `onTaken` is called when somebody who knew the token has taken the session over. */
  constructor(parts: ResourceParts, { admission, keeps, resumedFrom }: HeldSession, onTaken: () => void) {
    this.#parts = parts;
    this.#admission = admission;
    this.resumed = resumedFrom !== undefined;
    this.kept = keeps ? parts.resumable.hold(admission.id, resumedFrom ?? [], onTaken) : undefined;
    this.log = parts.openSessionLog(admission.id);
    this.logger = parts.logger.child({ session_id: admission.id });
  }

  /** The worker that is bound now; null while none is. */
  get workerId(): string | null {
    return this.#parts.pool.workerOf(this.bindingId) ?? null;
  }

  /** Resolves when an ended session has been kept or forgotten. */
  get putAway(): Promise<void> {
    return this.#putAway;
  }

  /**
   * Binds a worker. `onPosition` is told the place in the queue, and why there is one, on each change, or once `{0, 0}`
   * when a worker is free.
   * Throws what the pool throws; a worker that comes after `over` has aborted is given back.
   */
  async acquireWorker(
    over: AbortSignal,
    onPosition: (position: QueuePosition & Partial<Waiting>) => void,
  ): Promise<WorkerInfo> {
    const { pool } = this.#parts;
    let queued = false;
    this.#wait = new WorkerWait(pool, (waiting) => {
      queued = true;
      onPosition(waiting);
    });
    const acquired = this.#wait.acquire(this.bindingId, over);
    if (!queued) onPosition({ position: 0, queueDepth: 0 });
    const worker = await acquired;
    // The client may have left between the binding and here.
    if (over.aborted) pool.release(this.bindingId);
    return worker;
  }

  /** Tells a session that waits for a worker that none will come, because the server is shutting down. */
  tellDraining(): void {
    this.#wait?.drain();
  }

  /** Gives everything back. What was sent of the segment that `ended` waits for still counts for a resume. */
  giveBack(
    last: { readonly phase: SessionPhase; readonly segments: number },
    resumable: boolean,
    ended: Promise<unknown> | undefined,
  ): void {
    const { pool, resumable: store } = this.#parts;
    if (this.kept) this.#putAway = store.release(this.kept, !resumable, ended);
    pool.release(this.bindingId);
    this.#admission.release();
    this.log.write('session_end', last);
    this.log.close();
    this.logger.info(last, 'session ended');
  }
}
