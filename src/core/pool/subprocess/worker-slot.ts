import { errorMessage, FastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { GenerationRequest } from '../../generators/generator.ts';
import type { Slot } from '../bindings.ts';
import type {
  RunSignals,
  SegmentRequest,
  SegmentRun,
  WarmupStatus,
  WorkerInfo,
  WorkerStatus,
} from '../pool.ts';
import { RestartDelay } from './restart-delay.ts';
import { warmUp } from './warm-up.ts';
import { WorkerProcess, type WorkerProcessOptions } from './worker-process.ts';

interface WorkerSlotOptions {
  readonly process: WorkerProcessOptions;
  readonly warmup?: { readonly request: GenerationRequest; readonly timeoutMs: number };
  readonly logger: Logger;
  /** The slot has become ready, or has ceased to be. */
  readonly onChange: () => void;
  readonly onRestart: () => void;
}

/** The place of one worker: its process of the moment, started again when it dies. */
export class WorkerSlot implements Slot {
  readonly capacity = 1;
  readonly workerId: string;
  readonly #options: WorkerSlotOptions;
  readonly #delay = new RestartDelay();
  #process: WorkerProcess | undefined;
  #warm = false;
  #restarts = 0;
  #error: string | null = null;
  #warmup: WarmupStatus;
  #bootedAt = 0;
  #restartTimer: NodeJS.Timeout | undefined;
  #closing = false;
  readonly #booting = new AbortController();
  readonly #waiting = new Set<() => void>();

  constructor(options: WorkerSlotOptions) {
    this.#options = options;
    this.workerId = options.process.start.worker_id;
    this.#warmup = { enabled: options.warmup !== undefined, success: null, error: null, timings: {} };
  }

  get ready(): boolean {
    return this.#process?.alive === true && this.#warm;
  }

  workerInfo(): WorkerInfo {
    if (!this.#process) throw new FastVideoError('worker_failed', `Worker ${this.workerId} is not running.`);
    const { modelId, stateKind, streamsFrames, audio } = this.#process.info;
    const gpuId = this.#options.process.start.gpu_id;
    return { workerId: this.workerId, gpuId, modelId, stateKind, streamsFrames, audio };
  }

  /** Starts and warms the process. Throws `start_failed` with the reason when that does not work. */
  async boot(): Promise<void> {
    const { logger } = this.#options;
    this.#bootedAt = performance.now();
    this.#warm = false;
    try {
      const process = await WorkerProcess.start(this.#options.process);
      if (this.#closing) {
        await process.stop();
        return;
      }
      this.#process = process;
      void process.exited.then((how) => this.#onExit(process, how));
      const bootMs = Math.round(performance.now() - this.#bootedAt);
      await this.#warmUp(process, bootMs);
      this.#warm = true;
      this.#error = null;
      logger.info({ worker_id: this.workerId, worker_pid: process.pid, boot_ms: bootMs }, 'worker ready');
      this.#changed();
    } catch (error) {
      this.#error = errorMessage(error);
      await this.#process?.stop();
      this.#process = undefined;
      throw error;
    }
  }

  async run(request: SegmentRequest, signals: RunSignals): Promise<SegmentRun> {
    if (!this.#process) throw new FastVideoError('worker_failed', `Worker ${this.workerId} is not running.`);
    return await this.#process.run(request, signals);
  }

  /** Throws `worker_failed` after the time-out, and the signal's reason when it aborts. */
  async becomesReady(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    while (!this.ready) {
      signal.throwIfAborted();
      if (deadline.aborted) {
        const why = this.#error === null ? '' : ` (${this.#error})`;
        throw new FastVideoError('worker_failed', `Worker ${this.workerId} did not come back${why}.`);
      }
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          deadline.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.add(wake);
        deadline.addEventListener('abort', wake, { once: true });
      });
    }
  }

  status(clientCount: number): WorkerStatus {
    const ready = this.ready;
    return {
      gpuId: this.#options.process.start.gpu_id,
      workerId: this.workerId,
      ready,
      available: ready && clientCount === 0,
      clientCount,
      modelId: this.#process?.info.modelId ?? null,
      processAlive: this.#process?.alive ?? false,
      restarts: this.#restarts,
      warmup: this.#warmup,
      error: this.#error,
    };
  }

  /** Starts the process again after a pause that grows with each death. */
  scheduleRestart(): void {
    if (this.#closing || this.#restartTimer) return;
    const { logger, onRestart } = this.#options;
    const delayMs = this.#delay.next(performance.now() - this.#bootedAt);
    logger.warn({ worker_id: this.workerId, delay_ms: delayMs, reason: this.#error }, 'worker restarts');
    this.#restartTimer = setTimeout(() => {
      this.#restartTimer = undefined;
      this.#restarts += 1;
      onRestart();
      this.boot().catch((error: unknown) => {
        logger.error({ worker_id: this.workerId, error: errorMessage(error) }, 'worker did not start');
        this.scheduleRestart();
      });
    }, delayMs);
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#restartTimer);
    this.#booting.abort(new FastVideoError('interrupted'));
    await this.#process?.stop();
  }

  async #warmUp(process: WorkerProcess, bootMs: number): Promise<void> {
    const { warmup } = this.#options;
    if (!warmup) return;
    const limit = AbortSignal.any([this.#booting.signal, AbortSignal.timeout(warmup.timeoutMs)]);
    try {
      const timings = await warmUp(process, warmup.request, limit);
      this.#warmup = { enabled: true, success: true, error: null, timings: { boot_ms: bootMs, ...timings } };
    } catch (error) {
      const why = limit.aborted ? `took longer than ${warmup.timeoutMs / 1000} s` : errorMessage(error);
      this.#warmup = { enabled: true, success: false, error: why, timings: { boot_ms: bootMs } };
      throw new FastVideoError('start_failed', `The warm-up of worker ${this.workerId} failed: ${why}`, {
        cause: error,
      });
    }
  }

  #onExit(process: WorkerProcess, how: string): void {
    if (this.#process !== process) return;
    const wasReady = this.ready || this.#warm;
    this.#process = undefined;
    if (this.#closing) return;
    this.#error = `The worker ${how}.`;
    // A death during boot is handled where the boot was begun.
    if (!wasReady) return;
    this.#warm = false;
    this.scheduleRestart();
    this.#options.onChange();
  }

  #changed(): void {
    for (const wake of [...this.#waiting]) wake();
    this.#options.onChange();
  }
}
