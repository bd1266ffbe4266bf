import { DeadlineError, timeLimit } from '../../base/async/deadline.ts';
import { errorMessage, FastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { capabilitiesOf } from '../../generators/capabilities.ts';
import type { GenerationRequest } from '../../generators/generator.ts';
import {
  UnrelatedDeathError,
  WorkerProcess,
  type WorkerProcessOptions,
} from '../../generators/program/worker-process.ts';
import { checkLimits, type LimitedRequest, limitProblem } from '../../generators/request-limits.ts';
import type { WorkerState } from '../../protocol/http/status.ts';
import type { Slot } from '../bindings.ts';
import type {
  RunSignals,
  SegmentEvent,
  SegmentRequest,
  SegmentRun,
  WarmupStatus,
  WorkerInfo,
  WorkerStatus,
} from '../pool.ts';
import type { ServerAdapters } from '../server-adapters.ts';
import { type RestartLimits, RestartPolicy } from './restart-policy.ts';
import { segmentRun } from './segment-events.ts';
import { adaptFirst, segmentAdapters, serverAdapters } from './slot-adapters.ts';
import { trialPicture } from './trial-picture.ts';
import { warmUp } from './warm-up.ts';

export interface WarmupOptions {
  readonly request: GenerationRequest;
  readonly timeoutMs: number;
}

interface WorkerSlotOptions {
  readonly process: WorkerProcessOptions;
  readonly warmup?: WarmupOptions;
  /** What requests usually are: a model that cannot make them does not start. */
  readonly usual?: LimitedRequest;
  readonly adapters: ServerAdapters;
  readonly restarts: RestartLimits;
  readonly logger: Logger;
  /** The slot has become ready, has ceased to be, or stays out for good. */
  readonly onChange: () => void;
  readonly onRestart: () => void;
}

/** Where a slot is between two processes, and within the life of one. */
type Life = 'starting' | 'warming' | 'ready' | 'restarting' | 'parked' | 'stopped';

/** The place of one worker: its process of the moment, started again when it dies. */
export class WorkerSlot implements Slot {
  readonly capacity = 1;
  readonly workerId: string;
  readonly gpuId: number;
  readonly #options: WorkerSlotOptions;
  readonly #policy: RestartPolicy;
  #life: Life = 'starting';
  #process: WorkerProcess | undefined;
  #running = 0;
  /** The session of the last segment chose its adapters: the server's are no matter to it. */
  #ownAdapters = false;
  #restarts = 0;
  #error: string | null = null;
  #warmup: WarmupStatus;
  #bootedAt = 0;
  #restartTimer: NodeJS.Timeout | undefined;
  readonly #closing = new AbortController();

  constructor(options: WorkerSlotOptions) {
    this.#options = options;
    this.workerId = options.process.start.worker_id;
    this.gpuId = options.process.start.gpu_id;
    this.#policy = new RestartPolicy(options.restarts);
    this.#warmup = { enabled: options.warmup !== undefined, success: null, error: null, timings: {} };
  }

  get ready(): boolean {
    return this.#life === 'ready' && this.#process?.alive === true;
  }

  get parked(): boolean {
    return this.#life === 'parked';
  }

  /** Why it is not ready; null when it is. */
  get error(): string | null {
    return this.#error;
  }

  workerInfo(): WorkerInfo {
    if (!this.#process) throw this.#notRunning();
    const { info } = this.#process.hello;
    const { modelId, stateKind, streamsFrames, audio, steering = false } = info;
    const { workerId, gpuId } = this;
    const capabilities = capabilitiesOf(info);
    return { workerId, gpuId, modelId, stateKind, streamsFrames, capabilities, audio, steering };
  }

  /** Starts and warms the process. Throws `start_failed` with the reason when that does not work. */
  async boot(): Promise<void> {
    this.#bootedAt = performance.now();
    this.#enter('starting');
    try {
      const process = await WorkerProcess.start(this.#options.process, this.#closing.signal);
      this.#process = process;
      void process.exited.then((how) => this.#onExit(process, how));
      this.#checkUsual(process);
      // Before the warm-up: a model that compiles compiles what will be used.
      await adaptFirst(process, this.#options.adapters);
      this.#ownAdapters = false;
      const bootMs = Math.round(performance.now() - this.#bootedAt);
      await this.#warmUp(process, bootMs);
      if (!process.alive) throw new FastVideoError('start_failed', 'The worker died during its start.');
      this.#error = null;
      this.#options.logger.info(
        {
          worker_id: this.workerId,
          worker_pid: process.pid,
          boot_ms: bootMs,
          encoder: process.hello.encoder,
          continuation: capabilitiesOf(process.hello.info).continuation,
        },
        'worker ready',
      );
      this.#enter('ready');
    } catch (error) {
      this.#error = errorMessage(error);
      const process = this.#process;
      this.#process = undefined;
      await process?.stop();
      throw error;
    }
  }

  async run(request: SegmentRequest, signals: RunSignals): Promise<SegmentRun> {
    if (!this.#process) throw this.#notRunning();
    checkLimits(request.generation, this.#process.hello.info);
    const { generation } = request;
    this.#ownAdapters = generation.adapters !== undefined;
    const adapters = segmentAdapters(this.#options.adapters, generation);
    const run = segmentRun(await this.#process.run(request, signals, adapters));
    return { totalSteps: run.totalSteps, events: this.#counted(run.events) };
  }

  /** Applies the server's adapters, once the segment that is being made has ended. */
  async adapt(): Promise<void> {
    if (!this.#process) throw this.#notRunning();
    if (!this.#ownAdapters) await this.#process.adapt(serverAdapters(this.#options.adapters));
  }

  status(clientCount: number): WorkerStatus {
    const ready = this.ready;
    const process = this.#process?.alive ? this.#process : undefined;
    return {
      gpuId: this.gpuId,
      workerId: this.workerId,
      ready,
      available: ready && clientCount === 0,
      clientCount,
      idleSessions: this.#running > 0 ? 0 : clientCount,
      modelId: this.#process?.hello.info.modelId ?? null,
      capabilities: this.#process ? capabilitiesOf(this.#process.hello.info) : null,
      encoder: this.#process?.hello.encoder ?? null,
      adapters: this.#process?.hello.info.adapters ? this.#process.adapters : null,
      processAlive: process !== undefined,
      state: this.#state(clientCount),
      pid: process?.pid ?? null,
      restarts: this.#restarts,
      warmup: this.#warmup,
      error: this.#error,
    };
  }

  /** Starts the process again after a pause that grows with each death; parks it after too many. */
  scheduleRestart(): void {
    if (this.#closing.signal.aborted || this.#restartTimer || this.#life === 'parked') return;
    const { logger, restarts } = this.#options;
    const now = performance.now();
    const delayMs = this.#policy.next(now, now - this.#bootedAt);
    if (delayMs === null) {
      const often = `died ${restarts.maxDeaths} times within ${restarts.windowMs / 1000} s`;
      this.#error = `It ${often} and is parked; the last time: ${this.#error ?? 'unknown'}`;
      logger.error({ worker_id: this.workerId, reason: this.#error }, 'worker parked');
      this.#enter('parked');
      return;
    }
    logger.warn({ worker_id: this.workerId, delay_ms: delayMs, reason: this.#error }, 'worker restarts');
    this.#enter('restarting');
    this.#restartTimer = setTimeout(() => {
      this.#restartTimer = undefined;
      this.#restart();
    }, delayMs);
  }

  /** Starts a parked worker again. False when it is not parked. */
  unpark(): boolean {
    if (this.#life !== 'parked') return false;
    this.#policy.forget();
    this.#restart();
    return true;
  }

  async close(): Promise<void> {
    this.#closing.abort(new FastVideoError('interrupted'));
    clearTimeout(this.#restartTimer);
    this.#enter('stopped');
    await this.#process?.stop();
  }

  #restart(): void {
    const { logger, onRestart } = this.#options;
    this.#restarts += 1;
    onRestart();
    this.boot().catch((error: unknown) => {
      if (this.#closing.signal.aborted) return;
      logger.error({ worker_id: this.workerId, error: errorMessage(error) }, 'worker did not start');
      this.scheduleRestart();
    });
  }

  #checkUsual({ hello }: WorkerProcess): void {
    const { usual } = this.#options;
    const { limits } = hello.info;
    const problem = usual && limits && limitProblem(usual, limits);
    if (problem) throw new FastVideoError('start_failed', `default_request.sampling.${problem}.`);
  }

  async #warmUp(process: WorkerProcess, bootMs: number): Promise<void> {
    const { warmup } = this.#options;
    if (!warmup) return;
    this.#enter('warming');
    using limit = timeLimit(warmup.timeoutMs, this.#closing.signal);
    const { request } = warmup;
    const { needsFirstFrame } = process.hello.info;
    try {
      await using picture = needsFirstFrame ? await trialPicture(request.width, request.height) : undefined;
      const timings = await warmUp(
        async (request, signals) => segmentRun(await process.run(request, signals)),
        picture ? { ...request, initImagePath: picture.path } : request,
        limit.signal,
      );
      this.#warmup = { enabled: true, success: true, error: null, timings: { boot_ms: bootMs, ...timings } };
    } catch (error) {
      const isLate = limit.signal.reason instanceof DeadlineError;
      const why = isLate ? `it took longer than ${warmup.timeoutMs / 1000} s` : errorMessage(error);
      this.#warmup = { enabled: true, success: false, error: why, timings: { boot_ms: bootMs } };
      throw new FastVideoError('start_failed', `The warm-up of worker ${this.workerId} failed: ${why}`, {
        cause: error,
      });
    }
  }

  #onExit(process: WorkerProcess, how: string): void {
    // A death during the boot is handled where the boot was begun.
    if (this.#process !== process || this.#life !== 'ready') return;
    this.#process = undefined;
    this.#error = process.describeDeath(how);
    this.scheduleRestart();
  }

  async *#counted(events: AsyncIterable<SegmentEvent>): AsyncGenerator<SegmentEvent, void, undefined> {
    this.#running += 1;
    try {
      yield* events;
    } finally {
      this.#running -= 1;
    }
  }

  #state(clientCount: number): WorkerState {
    if (this.#life !== 'ready') return this.#life;
    if (!this.ready) return 'restarting';
    if (this.#running > 0) return 'busy';
    return clientCount > 0 ? 'bound' : 'idle';
  }

  #enter(life: Life): void {
    if (this.#life === 'stopped') return;
    this.#life = life;
    this.#options.onChange();
  }

  #notRunning(): UnrelatedDeathError {
    return new UnrelatedDeathError(`Worker ${this.workerId} is not running.`);
  }
}
