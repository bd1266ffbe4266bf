import { FastVideoError } from '../../base/errors.ts';
import type { RecentPrompts } from '../../base/hide-prompts.ts';
import type { Logger } from '../../base/log.ts';
import type { AdapterSelection } from '../../generators/adapters/selection.ts';
import type { WorkerProcessOptions } from '../../generators/program/worker-process.ts';
import type { LimitedRequest } from '../../generators/request-limits.ts';
import { Bindings } from '../bindings.ts';
import type {
  Pool,
  RunSignals,
  SegmentEvent,
  SegmentRequest,
  SegmentRun,
  WorkerInfo,
  WorkerStatus,
} from '../pool.ts';
import { type ServerAdapterOptions, ServerAdapters } from '../server-adapters.ts';
import { limitOf, withTimeLimit } from '../time-limit.ts';
import { DeadlyRequests } from './deadly-requests.ts';
import type { RestartLimits } from './restart-policy.ts';
import { type WarmupOptions, WorkerSlot } from './worker-slot.ts';

export interface SubprocessPoolOptions {
  /** One entry a worker: which GPU it is bound to and how its process is started. */
  readonly workers: readonly Omit<WorkerProcessOptions, 'name' | 'onStderr' | 'onNotice' | 'hide'>[];
  readonly acquireTimeoutMs: number;
  /** Of the workers that come free while sessions and jobs wait, the part that goes to jobs, 0 to 1; default 0.5. */
  readonly jobShare?: number;
  readonly segmentTimeoutMs: number;
  readonly restarts: RestartLimits;
  /** Unset: no warm-up. */
  readonly warmup?: WarmupOptions;
  /** What requests usually are; a worker that cannot make them does not start. */
  readonly usual?: LimitedRequest;
  /** Unset: there are none. */
  readonly adapters?: ServerAdapterOptions;
  readonly logger: Logger;
  /** Is told of each prompt, and hides them all in what a worker said last: others than its client may read that. */
  readonly prompts?: RecentPrompts;
  readonly onRestart?: () => void;
}

/** Workers that are tried for one segment before any of them has begun it. */
const attempts = 3;

/** One process for each worker; a session keeps its worker for as long as both live. */
export class SubprocessPool implements Pool {
  readonly #options: SubprocessPoolOptions;
  readonly #bindings: Bindings<WorkerSlot>;
  readonly #slots: readonly WorkerSlot[];
  readonly #deadly = new DeadlyRequests();
  readonly #adapters: ServerAdapters;

  constructor(options: SubprocessPoolOptions) {
    this.#options = options;
    this.#adapters = new ServerAdapters(options.adapters);
    this.#bindings = new Bindings(options.jobShare);
    const { warmup, usual, restarts, logger } = options;
    this.#slots = options.workers.map((worker) => {
      const { worker_id } = worker.start;
      return new WorkerSlot({
        process: {
          ...worker,
          name: `Worker ${worker_id}`,
          onStderr: (line) => logger.warn({ worker_id, line }, 'worker wrote to stderr'),
          onNotice: (notice) => logger.warn({ worker_id, notice }, 'worker notice'),
          hide: (text) => options.prompts?.hide(text) ?? text,
        },
        ...(warmup ? { warmup } : {}),
        ...(usual ? { usual } : {}),
        adapters: this.#adapters,
        restarts,
        logger,
        onChange: () => this.#onChange(),
        onRestart: () => options.onRestart?.(),
      });
    });
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
    const refusal = this.#refusal();
    if (refusal) throw refusal;
    const slot = await this.#bindings.acquire(sessionId, {
      ...options,
      timeoutMs: options.job ? Number.POSITIVE_INFINITY : this.#options.acquireTimeoutMs,
    });
    return slot.workerInfo();
  }

  release(sessionId: string): void {
    this.#bindings.release(sessionId);
  }

  async run(sessionId: string, request: SegmentRequest, signals: RunSignals): Promise<SegmentRun> {
    const { generation } = request;
    this.#rememberPrompts(generation, signals);
    this.#deadly.check(generation);
    for (let attempt = 1; ; attempt += 1) {
      const slot = await this.#slotFor(sessionId, AbortSignal.any([signals.cancel, signals.abandon]));
      try {
        const run = await withTimeLimit(
          limitOf(request, this.#options.segmentTimeoutMs),
          signals,
          (limited) => slot.run(request, limited),
        );
        return { totalSteps: run.totalSteps, events: this.#watched(run.events, generation, signals) };
      } catch (error) {
        // A worker that is killed because it does not stop has not died of the request.
        if (signals.cancel.aborted || signals.abandon.aborted) throw error;
        const told = this.#deadly.afterError(generation, error);
        // A worker that died before it began has made nothing that could be missed: another one begins.
        if (slot.ready || attempt === attempts || told !== error) throw told;
      }
    }
  }

  /** What a worker may say of them is hidden from the first word on. */
  #rememberPrompts(
    { prompt, negativePrompt, steering = [] }: SegmentRequest['generation'],
    signals: RunSignals,
  ): void {
    const { prompts } = this.#options;
    if (!prompts) return;
    prompts.remember(prompt);
    if (negativePrompt !== undefined) prompts.remember(negativePrompt);
    for (const step of steering) prompts.remember(step.prompt);
    signals.steering?.watch((change) => prompts.remember(change.prompt));
  }

  async *#watched(
    events: AsyncIterable<SegmentEvent>,
    generation: SegmentRequest['generation'],
    signals: RunSignals,
  ): AsyncGenerator<SegmentEvent, void, undefined> {
    try {
      yield* events;
      this.#deadly.forget(generation);
    } catch (error) {
      if (signals.cancel.aborted || signals.abandon.aborted) throw error;
      throw this.#deadly.afterError(generation, error);
    }
  }

  async #slotFor(sessionId: string, signal: AbortSignal): Promise<WorkerSlot> {
    const refusal = this.#refusal();
    if (refusal) throw new FastVideoError('worker_failed', refusal.message);
    return await this.#bindings.healthySlot(sessionId, {
      signal,
      timeoutMs: this.#options.acquireTimeoutMs,
      why: (bound) =>
        new FastVideoError(
          'worker_failed',
          `Worker ${bound.workerId} did not restart${inBrackets(bound.error)}.`,
        ),
    });
  }

  get adapters(): AdapterSelection {
    return this.#adapters.current;
  }

  async applyAdapters(selection: AdapterSelection): Promise<readonly number[]> {
    const ready = this.#slots.filter((slot) => slot.ready);
    const workers = ready.map((slot) => () => slot.adapt());
    await this.#adapters.apply(selection, workers);
    return ready.map(({ gpuId }) => gpuId);
  }

  status(): { readonly workers: readonly WorkerStatus[]; readonly queueDepth: number } {
    return {
      queueDepth: this.#bindings.queueDepth,
      workers: this.#slots.map((slot) => slot.status(this.#bindings.sessionsOn(slot))),
    };
  }

  workerOf(sessionId: string): string | undefined {
    return this.#bindings.slotOf(sessionId)?.workerId;
  }

  unpark(workerId: string): boolean {
    return this.#slots.find((slot) => slot.workerId === workerId)?.unpark() ?? false;
  }

  async close(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.close()));
  }

  #onChange(): void {
    this.#bindings.settle();
    const refusal = this.#refusal();
    if (refusal) this.#bindings.refuseWaiting(refusal);
  }

  /** Set when nobody needs to wait, because no worker will come. */
  #refusal(): FastVideoError | undefined {
    if (!this.#slots.every((slot) => slot.parked)) return undefined;
    const reason = this.#slots[0]?.error ?? '';
    return new FastVideoError('gpu_unavailable', `Every worker is out of service. ${reason}`);
  }
}

function inBrackets(reason: string | null): string {
  return reason === null ? '' : ` (${reason})`;
}
