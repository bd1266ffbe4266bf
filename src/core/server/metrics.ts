import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { FastVideoError } from '../base/errors.ts';
import type { HttpLimit } from '../base/http/http-front.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Pool } from '../pool/pool.ts';
import type { JobStatus } from '../protocol/http/videos.ts';
import type { ImageLimit } from '../sessions/initial-image.ts';
import type { SessionRegistry } from '../sessions/registry.ts';
import type { ResumableSessions } from '../sessions/resume.ts';
import { Activity } from './activity.ts';

/** Milliseconds to seconds, the base unit of Prometheus. */
const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Limits of a server, named as the last part of their keys. */
export type Limit =
  | HttpLimit
  | ImageLimit
  | 'max_connections'
  | 'max_message_bytes'
  | 'client_buffer_bytes'
  | 'waiting_messages'
  | 'waiting_bytes'
  | 'state_bytes'
  | 'presets_bytes'
  | 'uploads';

/** What `/metrics` tells. Names and meanings are listed in docs/operations.md. */
export class ServerMetrics {
  readonly registry = new Registry();
  readonly activity: Activity;
  readonly #errors: Counter<'code'>;
  readonly #rejected: Counter;
  readonly #slowed: Counter;
  readonly #timeouts: Counter;
  readonly #limits: Counter<'limit'>;
  readonly #segments: Counter<'outcome'>;
  readonly #bytes: Counter;
  readonly #restarts: Counter;
  readonly #checked: Counter<'decision'>;
  readonly #providerCalls: Counter<'provider' | 'outcome'>;
  readonly #providerTime: Histogram<'provider'>;
  readonly #firstMedia: Histogram;
  readonly #segmentTime: Histogram;
  readonly #jobs: Counter<'status'>;

  /** @param hide - takes prompts out of what a worker said */
  constructor(hide: (text: string) => string = (text) => text) {
    this.activity = new Activity(hide);
    const registers = [this.registry];
    // Brings nodejs_eventloop_lag_*, process_resident_memory_bytes and the like.
    collectDefaultMetrics({ register: this.registry });
    this.#errors = new Counter({
      name: 'fastvideo_errors_total',
      help: 'Error frames sent, by code.',
      labelNames: ['code'],
      registers,
    });
    this.#rejected = new Counter({
      name: 'fastvideo_connections_refused_total',
      help: 'Connections refused before the upgrade (key, Origin, connection limit).',
      registers,
    });
    this.#slowed = new Counter({
      name: 'fastvideo_clients_slowed_total',
      help: 'Times that a client exceeded its message rate and was read more slowly.',
      registers,
    });
    this.#timeouts = new Counter({
      name: 'fastvideo_session_timeouts_total',
      help: 'Sessions ended because they were idle.',
      registers,
    });
    this.#limits = new Counter({
      name: 'fastvideo_limits_reached_total',
      help: 'Times that a limit was reached, by the key of the limit.',
      labelNames: ['limit'],
      registers,
    });
    this.#segments = new Counter({
      name: 'fastvideo_segments_total',
      help: 'Segments ended, by outcome.',
      labelNames: ['outcome'],
      registers,
    });
    this.#bytes = new Counter({
      name: 'fastvideo_media_bytes_total',
      help: 'Bytes of fMP4 sent to clients.',
      registers,
    });
    this.#restarts = new Counter({
      name: 'fastvideo_worker_restarts_total',
      help: 'Restarts of workers after a death.',
      registers,
    });
    this.#providerCalls = new Counter({
      name: 'fastvideo_prompt_provider_calls_total',
      help: 'Calls to prompt providers, by outcome.',
      labelNames: ['provider', 'outcome'],
      registers,
    });
    this.#providerTime = new Histogram({
      name: 'fastvideo_prompt_provider_seconds',
      help: 'Time that a prompt provider took to answer.',
      labelNames: ['provider'],
      buckets: secondsBuckets,
      registers,
    });
    this.#checked = new Counter({
      name: 'fastvideo_prompts_checked_total',
      help: 'Prompts that the safety filter checked, by decision.',
      labelNames: ['decision'],
      registers,
    });
    this.#firstMedia = new Histogram({
      name: 'fastvideo_time_to_first_media_seconds',
      help: 'From the request to the first media fragment on the wire.',
      buckets: secondsBuckets,
      registers,
    });
    this.#jobs = new Counter({
      name: 'fastvideo_jobs_total',
      help: 'Jobs ended, by status.',
      labelNames: ['status'],
      registers,
    });
    this.#segmentTime = new Histogram({
      name: 'fastvideo_segment_seconds',
      help: 'From the start of a segment to its end.',
      buckets: secondsBuckets,
      registers,
    });
  }

  /** Gauges that are read when they are asked for. */
  observe(pool: Pool, sessions: SessionRegistry, resumable: ResumableSessions): void {
    const registers = [this.registry];
    new Gauge({
      name: 'fastvideo_sessions',
      help: 'Sessions connected, by state.',
      labelNames: ['state'],
      registers,
      collect() {
        this.reset();
        for (const [state, count] of sessions.phases()) this.set({ state }, count);
      },
    });
    new Gauge({
      name: 'fastvideo_queue_depth',
      help: 'Sessions that wait for a worker.',
      registers,
      collect() {
        this.set(pool.status().queueDepth);
      },
    });
    new Gauge({
      name: 'fastvideo_store_up',
      help: 'Whether the session store can be reached.',
      registers,
      collect() {
        this.set(resumable.health().ok ? 1 : 0);
      },
    });
    new Gauge({
      name: 'fastvideo_adapter_strength',
      help: 'Adapters of the sessions that chose none, by name: how strongly each is applied, 0 to 1.',
      labelNames: ['adapter'],
      registers,
      collect() {
        this.reset();
        for (const { name, strength } of pool.adapters) this.set({ adapter: name }, strength);
      },
    });
    new Gauge({
      name: 'fastvideo_workers',
      help: 'Workers, by state.',
      labelNames: ['state'],
      registers,
      collect() {
        const { workers } = pool.status();
        this.set({ state: 'total' }, workers.length);
        this.set({ state: 'ready' }, workers.filter((worker) => worker.ready).length);
        this.set({ state: 'available' }, workers.filter((worker) => worker.available).length);
        this.set({ state: 'parked' }, workers.filter((worker) => worker.state === 'parked').length);
      },
    });
  }

  observeJobs(jobs: Pick<Jobs, 'counts'>): void {
    new Gauge({
      name: 'fastvideo_jobs',
      help: 'Jobs that have not ended, by state.',
      labelNames: ['state'],
      registers: [this.registry],
      collect() {
        this.set({ state: 'queued' }, jobs.counts.queued);
        this.set({ state: 'running' }, jobs.counts.running);
      },
    });
  }

  errorSent(error: FastVideoError, sessionId?: string): void {
    this.#errors.inc({ code: error.code });
    this.activity.error(error, sessionId);
  }

  connectionRefused(): void {
    this.#rejected.inc();
  }

  limitReached(limit: Limit): void {
    this.#limits.inc({ limit });
  }

  clientSlowed(): void {
    this.#slowed.inc();
  }

  sessionTimedOut(): void {
    this.#timeouts.inc();
  }

  workerRestarted(): void {
    this.#restarts.inc();
  }

  providerCalled(provider: string, outcome: 'answered' | 'failed' | 'cancelled', milliseconds: number): void {
    this.#providerCalls.inc({ provider, outcome });
    if (outcome === 'answered') this.#providerTime.observe({ provider }, milliseconds / 1000);
  }

  promptChecked(decision: 'allow' | 'block' | 'unavailable'): void {
    this.#checked.inc({ decision });
  }

  jobEnded(status: JobStatus): void {
    this.#jobs.inc({ status });
  }

  mediaSent(bytes: number): void {
    this.#bytes.inc(bytes);
    this.activity.mediaBytes += bytes;
  }

  firstMediaAfter(milliseconds: number): void {
    this.#firstMedia.observe(milliseconds / 1000);
    this.activity.firstMedia(milliseconds);
  }

  segmentEnded(outcome: 'completed' | 'cancelled' | 'failed' | 'abandoned', milliseconds: number): void {
    this.#segments.inc({ outcome });
    this.activity.segments[outcome] += 1;
    if (outcome === 'completed') this.#segmentTime.observe(milliseconds / 1000);
  }
}
