import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { clientText } from '../../base/client-text.ts';
import type { StreamMode } from '../../generators/generator.ts';
import type { Pool, WorkerStatus } from '../../pool/pool.ts';
import { type GpuStatus, type ServerStatus, StatusSchema } from '../../protocol/http/status.ts';
import type { SessionRegistry } from '../../sessions/registry.ts';
import type { ResumableSessions } from '../../sessions/resume.ts';
import type { Activity } from '../activity.ts';

export interface HealthOptions {
  readonly pool: Pool;
  readonly sessions: SessionRegistry;
  readonly resumable: ResumableSessions;
  readonly activity: Activity;
  /** What a client gets that asks for no stream mode. */
  readonly streamMode: StreamMode;
  /** Answers so far, by provider; empty without an enhancer. */
  readonly promptProviderSuccesses: () => Readonly<Record<string, number>>;
  /** Name that clients know the server by. */
  readonly service: string;
  readonly version: string;
}

/** Sessions that `/status` lists at most. */
const sessionsListed = 200;

const HealthSchema = z.object({
  status: z.literal('ok'),
  sessions: z.int().describe('Sessions connected.'),
  stream_mode: z.enum(['av_fmp4', 'legacy_jpeg']),
});

const HealthzSchema = z.object({
  status: z.literal('ok'),
  service: z.string(),
  ts: z.string().describe('ISO 8601, UTC.'),
});

const ReadyzSchema = z.object({
  status: z.enum(['ready', 'warming']),
  service: z.string(),
  ready_gpu_workers: z.int(),
  total_gpus: z.int(),
  available_gpus: z.int(),
  warmup_successful_gpus: z.int(),
  warmup_failed_gpus: z.int(),
  queue_size: z.int(),
  ts: z.string(),
  store: z.enum(['ok', 'unreachable']).describe('Where sessions are kept for a resume.'),
  detail: z.string().optional().describe('Why it is not ready (with ?strict), or what does not work.'),
});

const MonitorSchema = z.object({
  service: z.string(),
  pending_sessions: z.int().describe('Sessions that wait for a worker.'),
  max_available_sessions: z.int().describe('Workers.'),
  prompt_provider_success_counts: z.record(z.string(), z.int()).describe('Answers so far, by provider.'),
  ts: z.string().describe('ISO 8601, UTC.'),
});

/** The routes that probes and people ask. */
export function registerHealthRoutes(app: FastifyInstance, options: HealthOptions): void {
  const { pool, sessions, resumable, streamMode, service } = options;

  app.get('/health', { schema: answers('Whether the process answers.', { 200: HealthSchema }) }, async () => {
    return { status: 'ok', sessions: sessions.size, stream_mode: streamMode } satisfies z.infer<
      typeof HealthSchema
    >;
  });

  app.get('/healthz', { schema: answers('Liveness.', { 200: HealthzSchema }) }, async () => {
    return { status: 'ok', service, ts: new Date().toISOString() } satisfies z.infer<typeof HealthzSchema>;
  });

  const readySchema = answers('Readiness; with ?strict 503 until a worker is ready.', {
    200: ReadyzSchema,
    503: ReadyzSchema,
  });
  app.get('/readyz', { schema: readySchema }, async (request, reply) => {
    const counts = countWorkers(pool);
    const ready = counts.ready > 0 && !sessions.draining;
    const strict = typeof request.query === 'object' && request.query !== null && 'strict' in request.query;
    const refused = strict && !ready;
    if (refused) void reply.code(503);
    // A store that cannot be reached stops no stream: the replica stays ready and says so.
    const store = resumable.health();
    const why = refused ? (sessions.draining ? 'The server is draining.' : counts.reason) : undefined;
    const detail = why ?? (store.ok ? undefined : `The session store cannot be reached: ${store.reason}`);
    return {
      status: ready ? 'ready' : 'warming',
      service,
      ready_gpu_workers: counts.ready,
      total_gpus: counts.total,
      available_gpus: counts.available,
      warmup_successful_gpus: counts.warmed,
      warmup_failed_gpus: counts.notWarmed,
      queue_size: counts.queue,
      ts: new Date().toISOString(),
      store: store.ok ? 'ok' : 'unreachable',
      ...(detail === undefined ? {} : { detail: clientText(detail) }),
    } satisfies z.infer<typeof ReadyzSchema>;
  });

  const monitorSchema = answers('What a router asks about sessions.', { 200: MonitorSchema });
  app.get('/internal/monitor/sessions', { schema: monitorSchema }, async () => {
    const { total, queue } = countWorkers(pool);
    return {
      service,
      pending_sessions: queue,
      max_available_sessions: total,
      prompt_provider_success_counts: options.promptProviderSuccesses(),
      ts: new Date().toISOString(),
    } satisfies z.infer<typeof MonitorSchema>;
  });

  app.get('/status', { schema: answers('The workers, one by one.', { 200: StatusSchema }) }, async () => {
    return serverStatus(options);
  });
}

/** What `GET /status` answers. */
export function serverStatus(options: HealthOptions): ServerStatus {
  const { pool, sessions, resumable, activity, service, version } = options;
  const counts = countWorkers(pool);
  const store = resumable.health();
  return {
    total_gpus: counts.total,
    available_gpus: counts.available,
    queue_size: counts.queue,
    warmup_enabled: counts.workers.some((worker) => worker.warmup.enabled),
    warmup_successful_gpus: counts.warmed,
    warmup_failed_gpus: counts.notWarmed,
    gpu_status: Object.fromEntries(counts.workers.map((worker) => [String(worker.gpuId), gpuStatus(worker)])),
    service,
    version,
    draining: sessions.draining,
    store: { kind: resumable.kind, ok: store.ok, reason: store.ok ? null : clientText(store.reason) },
    session_count: sessions.size,
    max_sessions: sessions.limit,
    sessions: sessions.describe(sessionsListed),
    prompt_provider_success_counts: options.promptProviderSuccesses(),
    ...activity.describe(),
  };
}

function countWorkers(pool: Pool) {
  const { workers, queueDepth } = pool.status();
  return {
    workers,
    queue: queueDepth,
    total: workers.length,
    ready: workers.filter((worker) => worker.ready).length,
    available: workers.filter((worker) => worker.available).length,
    warmed: workers.filter((worker) => worker.warmup.success === true).length,
    notWarmed: workers.filter((worker) => worker.warmup.success === false).length,
    reason: workers.find((worker) => worker.error !== null)?.error ?? 'No worker is ready yet.',
  };
}

function gpuStatus(worker: WorkerStatus): GpuStatus {
  return {
    ready: worker.ready,
    available: worker.available,
    client_count: worker.clientCount,
    current_model_id: worker.modelId,
    process_alive: worker.processAlive,
    warmup_enabled: worker.warmup.enabled,
    warmup_success: worker.warmup.success,
    warmup_error: told(worker.warmup.error),
    warmup_timings: worker.warmup.timings,
    worker_id: worker.workerId,
    state: worker.state,
    pid: worker.pid,
    restarts: worker.restarts,
    encoder: told(worker.encoder),
    adapters:
      worker.adapters && Object.fromEntries(worker.adapters.map(({ name, strength }) => [name, strength])),
    capabilities: worker.capabilities,
    error: told(worker.error),
  };
}

function told(problem: string | null): string | null {
  return problem === null ? null : clientText(problem);
}

function answers(summary: string, responses: Readonly<Record<number, z.ZodType>>): object {
  const response = Object.fromEntries(
    Object.entries(responses).map(([status, schema]) => {
      const { $schema: _, ...json } = z.toJSONSchema(schema);
      return [status, { description: summary, ...json }];
    }),
  );
  return { summary, response };
}
