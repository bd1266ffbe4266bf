import type { Pool, RunSignals, SegmentRequest, SegmentRun, WorkerInfo } from '../pool/pool.ts';
import type { FaultInjection, FaultyConnection } from './fault-injection.ts';
import { waitInLine } from './waiting-line.ts';

/** A pool in which sessions wait for a worker as the scenario has it. */
export class FaultyPool implements Pool {
  readonly #inner: Pool;
  readonly #faults: FaultInjection;
  readonly #acquireTimeoutMs: number;
  readonly #connections = new Map<string, FaultyConnection>();
  #waiting = 0;

  constructor(inner: Pool, faults: FaultInjection, acquireTimeoutMs: number) {
    this.#inner = inner;
    this.#faults = faults;
    this.#acquireTimeoutMs = acquireTimeoutMs;
  }

  start(): Promise<void> {
    return this.#inner.start();
  }

  async acquire(sessionId: string, options: Parameters<Pool['acquire']>[1]): Promise<WorkerInfo> {
    const connection = this.#faults.current;
    if (!connection) return await this.#inner.acquire(sessionId, options);
    this.#connections.set(sessionId, connection);
    const { trouble } = connection;
    const { queue, preset } = trouble.scenario;
    const waits = queue.ahead > 0 || queue.seconds > 0 || queue.ends_with === 'gpu_unavailable';
    if (waits && trouble.concerns('queue')) {
      this.#waiting += 1;
      try {
        await waitInLine(queue, { ...options, sessionId, acquireTimeoutMs: this.#acquireTimeoutMs });
      } finally {
        this.#waiting -= 1;
      }
    }
    const worker = await this.#inner.acquire(sessionId, options);
    if (preset.state_kind === undefined || !trouble.concerns('preset')) return worker;
    return { ...worker, stateKind: preset.state_kind };
  }

  release(sessionId: string): void {
    this.#connections.delete(sessionId);
    this.#inner.release(sessionId);
  }

  async run(sessionId: string, request: SegmentRequest, signals: RunSignals): Promise<SegmentRun> {
    const connection = this.#connections.get(sessionId);
    if (!connection) return await this.#inner.run(sessionId, request, signals);
    return await this.#faults.within(connection, () => {
      connection.trouble.beginSegment();
      return this.#inner.run(sessionId, request, signals);
    });
  }

  get adapters(): Pool['adapters'] {
    return this.#inner.adapters;
  }

  applyAdapters(selection: Pool['adapters']): ReturnType<Pool['applyAdapters']> {
    return this.#inner.applyAdapters(selection);
  }

  status(): ReturnType<Pool['status']> {
    const { workers, queueDepth } = this.#inner.status();
    if (this.#waiting === 0) return { workers, queueDepth };
    return {
      workers: workers.map((worker) => ({ ...worker, available: false, idleSessions: 0 })),
      queueDepth: queueDepth + this.#waiting,
    };
  }

  workerOf(sessionId: string): string | undefined {
    return this.#inner.workerOf(sessionId);
  }

  unpark(workerId: string): boolean {
    return this.#inner.unpark(workerId);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
