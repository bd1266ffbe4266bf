import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { Wakeup } from '../base/async/wakeup.ts';
import { errorMessage } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Pool } from '../pool/pool.ts';
import type { JobQueue } from './job-queue.ts';

export interface JobWorker {
  /** Names the binding to the worker. */
  readonly bindingId: string;
  readonly modelId: string;
}

export interface JobTurnsOptions {
  readonly pool: Pick<Pool, 'acquire' | 'release'>;
  readonly queue: JobQueue;
  /** Jobs made at once. */
  readonly maxRunning: number;
  readonly logger: Logger;
  /** Makes a job; never rejects. */
  readonly make: (id: string, worker: JobWorker) => Promise<void>;
}

/** Between two tries for a worker where there is none to wait for. */
const noWorkerMs = 1000;

/** Takes a worker for the job whose turn it is, and gives it back behind it. */
export class JobTurns {
  readonly #options: JobTurnsOptions;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #room = new Wakeup();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: JobTurnsOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running.size;
  }

  start(): void {
    this.#loop = this.#run(this.#closing.signal);
  }

  /** No further job begins; waits for those that run, until the deadline. */
  async drain(deadline: AbortSignal): Promise<void> {
    this.stop();
    while (this.#running.size > 0 && !deadline.aborted) await this.#room.wait(deadline);
  }

  stop(): void {
    this.#closing.abort();
  }

  /** Resolves when none runs any more. */
  async ended(): Promise<void> {
    await this.#loop;
    await Promise.all(this.#running);
    // Workers are given back behind the last of them.
    await nextTurn();
  }

  async #run(closing: AbortSignal): Promise<void> {
    const { queue, maxRunning } = this.#options;
    while (!closing.aborted) {
      await queue.filled(closing);
      while (this.#running.size >= maxRunning && !closing.aborted) await this.#room.wait(closing);
      const worker = closing.aborted ? undefined : await this.#worker(closing);
      if (worker) this.#begin(worker);
    }
  }

  async #worker(closing: AbortSignal): Promise<JobWorker | undefined> {
    const bindingId = `job-${randomUUID()}`;
    const { pool, logger } = this.#options;
    try {
      const { modelId } = await pool.acquire(bindingId, { signal: closing, onPosition: () => {}, job: true });
      return { bindingId, modelId };
    } catch (error) {
      if (closing.aborted) return undefined;
      logger.warn({ error: errorMessage(error) }, 'no worker for a job');
      await wait(noWorkerMs, undefined, { signal: closing }).catch(() => undefined);
      return undefined;
    }
  }

  #begin(worker: JobWorker): void {
    const { pool, queue, make } = this.#options;
    // What waited may have been cancelled meanwhile.
    const id = queue.take();
    if (id === undefined) {
      pool.release(worker.bindingId);
      return;
    }
    const work = make(id, worker).then(async () => {
      this.#running.delete(work);
      this.#room.wake();
      // The next job is in line by then, beside the sessions that wait for this worker.
      await nextTurn();
      pool.release(worker.bindingId);
    });
    this.#running.add(work);
  }
}
