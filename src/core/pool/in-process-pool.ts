import { FastVideoError } from '../base/errors.ts';
import type { AdapterSelection } from '../generators/adapters/selection.ts';
import { capabilitiesOf } from '../generators/capabilities.ts';
import type { Generator } from '../generators/generator.ts';
import type { Encoders } from '../media/create-encoders.ts';
import type { EncoderSettings } from '../media/encoder.ts';
import type { WorkerState } from '../protocol/http/status.ts';
import { Bindings, type Slot } from './bindings.ts';
import type {
  Pool,
  RunSignals,
  SegmentEvent,
  SegmentRequest,
  SegmentRun,
  WorkerInfo,
  WorkerStatus,
} from './pool.ts';
import { SegmentMaker } from './segment-maker.ts';
import { type ServerAdapterOptions, ServerAdapters } from './server-adapters.ts';
import { limitOf, withTimeLimit } from './time-limit.ts';

export interface InProcessPoolOptions {
  /** Makes a generator of a session's own. */
  readonly createGenerator: () => Promise<Generator>;
  /** Shared by all sessions; closed with the pool. */
  readonly encoders: Encoders;
  readonly encoderSettings: EncoderSettings;
  /** Sessions served at once. */
  readonly capacity: number;
  readonly acquireTimeoutMs: number;
  /** Of the workers that come free while sessions and jobs wait, the part that goes to jobs, 0 to 1; default 0.5. */
  readonly jobShare?: number;
  readonly segmentTimeoutMs: number;
  /** Unset: there are none. */
  readonly adapters?: ServerAdapterOptions;
}

const workerId = 'in-process-0';

/** Generators in this very process: for `mock`, whose frames cost next to nothing. */
export class InProcessPool implements Pool {
  readonly #options: InProcessPoolOptions;
  readonly #bindings: Bindings<Slot>;
  readonly #slot: { readonly capacity: number; ready: boolean };
  readonly #generators = new Map<string, Promise<Generator>>();
  readonly #adapters: ServerAdapters;
  #info: WorkerInfo | undefined;
  #running = 0;
  #closed = false;

  constructor(options: InProcessPoolOptions) {
    this.#options = options;
    this.#bindings = new Bindings(options.jobShare);
    this.#slot = { capacity: options.capacity, ready: false };
    this.#bindings.add(this.#slot);
    this.#adapters = new ServerAdapters(options.adapters);
  }

  async start(): Promise<void> {
    const generator = await this.#options.createGenerator();
    const { modelId, stateKind, streamsFrames, audio, steering = false } = generator.info;
    const capabilities = capabilitiesOf(generator.info);
    await generator.close();
    this.#info = { workerId, gpuId: 0, modelId, stateKind, streamsFrames, capabilities, audio, steering };
    this.#slot.ready = true;
    this.#bindings.settle();
  }

  async acquire(sessionId: string, options: Parameters<Pool['acquire']>[1]): Promise<WorkerInfo> {
    await this.#bindings.acquire(sessionId, {
      ...options,
      timeoutMs: options.job ? Number.POSITIVE_INFINITY : this.#options.acquireTimeoutMs,
    });
    if (!this.#info) throw new FastVideoError('gpu_unavailable', 'The pool has not been started.');
    return this.#info;
  }

  release(sessionId: string): void {
    this.#bindings.release(sessionId);
    const generator = this.#generators.get(sessionId);
    this.#generators.delete(sessionId);
    // Nobody waits for it: closing an in-process generator frees memory only. Who ran it was told why there is none.
    generator?.then((loaded) => loaded.close()).catch(() => undefined);
  }

  async run(sessionId: string, request: SegmentRequest, signals: RunSignals): Promise<SegmentRun> {
    if (!this.#bindings.slotOf(sessionId)) {
      throw new FastVideoError('internal_error', `Session ${sessionId} is not bound to a worker.`);
    }
    const generator = await this.#generatorOf(sessionId);
    const maker = new SegmentMaker(generator, this.#options.encoders, this.#options.encoderSettings);
    const adapters = this.#adapters.of(request.generation);
    await generator.adapt?.(adapters);
    const generation = this.#adapters.withTriggers(request.generation, adapters);
    const run = await withTimeLimit(
      limitOf(request, this.#options.segmentTimeoutMs),
      signals,
      async (limited) => maker.begin({ ...request, generation }, limited),
    );
    return { totalSteps: run.totalSteps, events: this.#counted(run.events) };
  }

  status(): { readonly workers: readonly WorkerStatus[]; readonly queueDepth: number } {
    const clientCount = this.#bindings.sessionsOn(this.#slot);
    return {
      queueDepth: this.#bindings.queueDepth,
      workers: [
        {
          gpuId: 0,
          workerId,
          ready: this.#slot.ready,
          available: this.#slot.ready && clientCount < this.#slot.capacity,
          clientCount,
          idleSessions: Math.max(0, clientCount - this.#running),
          modelId: this.#info?.modelId ?? null,
          capabilities: this.#info?.capabilities ?? null,
          encoder: this.#options.encoders.description,
          adapters: this.#adapters.any ? this.adapters : null,
          processAlive: true,
          state: this.#state(clientCount),
          pid: null,
          restarts: 0,
          warmup: { enabled: false, success: null, error: null, timings: {} },
          error: null,
        },
      ],
    };
  }

  get adapters(): AdapterSelection {
    return this.#adapters.current;
  }

  async applyAdapters(selection: AdapterSelection): Promise<readonly number[]> {
    // Each generator takes them when it begins its next segment.
    await this.#adapters.apply(selection, this.#slot.ready ? [async () => {}] : []);
    return [0];
  }

  workerOf(sessionId: string): string | undefined {
    return this.#bindings.slotOf(sessionId) && workerId;
  }

  unpark(): boolean {
    return false;
  }

  async close(): Promise<void> {
    this.#slot.ready = false;
    this.#closed = true;
    for (const sessionId of [...this.#generators.keys()]) this.release(sessionId);
    await this.#options.encoders.fragments.close();
    await this.#options.encoders.jpegs.close();
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
    if (this.#closed) return 'stopped';
    if (!this.#slot.ready) return 'starting';
    if (this.#running > 0) return 'busy';
    return clientCount > 0 ? 'bound' : 'idle';
  }

  async #generatorOf(sessionId: string): Promise<Generator> {
    let generator = this.#generators.get(sessionId);
    if (!generator) {
      generator = this.#options.createGenerator();
      this.#generators.set(sessionId, generator);
    }
    return await generator;
  }
}
