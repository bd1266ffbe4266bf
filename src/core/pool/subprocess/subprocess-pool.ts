import { FastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { GenerationRequest } from '../../generators/generator.ts';
import { Bindings } from '../bindings.ts';
import type { Pool, RunSignals, SegmentRequest, SegmentRun, WorkerInfo, WorkerStatus } from '../pool.ts';
import { withTimeLimit } from '../time-limit.ts';
import type { WorkerProcessOptions } from './worker-process.ts';
import { WorkerSlot } from './worker-slot.ts';

export interface SubprocessPoolOptions {
  /** One entry a worker: which GPU it is bound to and how its process is started. */
  readonly workers: readonly Omit<WorkerProcessOptions, 'logger'>[];
  readonly acquireTimeoutMs: number;
  readonly segmentTimeoutMs: number;
  /** Unset: no warm-up. */
  readonly warmup?: { readonly request: GenerationRequest; readonly timeoutMs: number };
  readonly logger: Logger;
  readonly onRestart?: () => void;
}

/** One process for each worker; a session keeps its worker for as long as both live. */
export class SubprocessPool implements Pool {
  readonly #options: SubprocessPoolOptions;
  readonly #bindings = new Bindings<WorkerSlot>();
  readonly #slots: readonly WorkerSlot[];

  constructor(options: SubprocessPoolOptions) {
    this.#options = options;
    this.#slots = options.workers.map(
      (worker) =>
        new WorkerSlot({
          process: { ...worker, logger: options.logger },
          ...(options.warmup ? { warmup: options.warmup } : {}),
          logger: options.logger,
          onChange: () => this.#bindings.settle(),
          onRestart: () => options.onRestart?.(),
        }),
    );
    for (const slot of this.#slots) this.#bindings.add(slot);
  }

  async start(): Promise<void> {
    const results = await Promise.allSettled(this.#slots.map((slot) => slot.boot()));
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    if (failures.length === this.#slots.length) throw failures[0];
    for (const [index, result] of results.entries()) {
      if (result.status === 'rejected') this.#slots[index]?.scheduleRestart();
    }
  }

  async acquire(sessionId: string, options: Parameters<Pool['acquire']>[1]): Promise<WorkerInfo> {
    const slot = await this.#bindings.acquire(sessionId, {
      ...options,
      timeoutMs: this.#options.acquireTimeoutMs,
    });
    return slot.workerInfo();
  }

  release(sessionId: string): void {
    this.#bindings.release(sessionId);
  }

  async run(sessionId: string, request: SegmentRequest, signals: RunSignals): Promise<SegmentRun> {
    const slot = await this.#healthySlot(sessionId, AbortSignal.any([signals.cancel, signals.abandon]));
    return await withTimeLimit(this.#options.segmentTimeoutMs, signals, (limited) =>
      slot.run(request, limited),
    );
  }

  status(): { readonly workers: readonly WorkerStatus[]; readonly queueDepth: number } {
    return {
      queueDepth: this.#bindings.queueDepth,
      workers: this.#slots.map((slot) => slot.status(this.#bindings.sessionsOn(slot))),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.close()));
  }

  /** The session's worker; when that has died, a free one, or the same once it is back. */
  async #healthySlot(sessionId: string, signal: AbortSignal): Promise<WorkerSlot> {
    const bound = this.#bindings.slotOf(sessionId);
    if (!bound) throw new FastVideoError('internal_error', `Session ${sessionId} is not bound to a worker.`);
    if (bound.ready) return bound;
    const other = this.#bindings.move(sessionId);
    if (other) return other;
    await bound.becomesReady(this.#options.acquireTimeoutMs, signal);
    return bound;
  }
}
