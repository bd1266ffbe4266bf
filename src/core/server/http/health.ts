import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Pool, WorkerStatus } from '../../pool/pool.ts';
import type { SessionRegistry } from '../../sessions/registry.ts';

export interface HealthOptions {
  readonly pool: Pool;
  readonly sessions: SessionRegistry;
  /** Name that clients know the server by. */
  readonly service: string;
}

const HealthSchema = z.object({
  status: z.literal('ok'),
  sessions: z.int().describe('Sessions connected.'),
  stream_mode: z.literal('av_fmp4'),
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
  detail: z.string().optional().describe('With ?strict: why it is not ready.'),
});

const GpuStatusSchema = z.object({
  ready: z.boolean(),
  available: z.boolean(),
  client_count: z.int(),
  current_model_id: z.string().nullable(),
  process_alive: z.boolean(),
  warmup_enabled: z.boolean(),
  warmup_success: z.boolean().nullable(),
  warmup_error: z.string().nullable(),
  warmup_timings: z.record(z.string(), z.number()).describe('Milliseconds by name.'),
  restarts: z.int(),
  error: z.string().nullable().describe('Why the worker is not ready.'),
});

const StatusSchema = z.object({
  total_gpus: z.int(),
  available_gpus: z.int(),
  queue_size: z.int(),
  warmup_enabled: z.boolean(),
  warmup_successful_gpus: z.int(),
  warmup_failed_gpus: z.int(),
  gpu_status: z.record(z.string(), GpuStatusSchema).describe('By GPU id.'),
});

/** The routes that probes and people ask. */
export function registerHealthRoutes(app: FastifyInstance, options: HealthOptions): void {
  const { pool, sessions, service } = options;

  app.get('/health', { schema: answers('Whether the process answers.', { 200: HealthSchema }) }, async () => {
    return { status: 'ok', sessions: sessions.size, stream_mode: 'av_fmp4' } satisfies z.infer<
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
      ...(refused ? { detail: sessions.draining ? 'The server is draining.' : counts.reason } : {}),
    } satisfies z.infer<typeof ReadyzSchema>;
  });

  app.get('/status', { schema: answers('The workers, one by one.', { 200: StatusSchema }) }, async () => {
    const counts = countWorkers(pool);
    return {
      total_gpus: counts.total,
      available_gpus: counts.available,
      queue_size: counts.queue,
      warmup_enabled: counts.workers.some((worker) => worker.warmup.enabled),
      warmup_successful_gpus: counts.warmed,
      warmup_failed_gpus: counts.notWarmed,
      gpu_status: Object.fromEntries(
        counts.workers.map((worker) => [String(worker.gpuId), gpuStatus(worker)]),
      ),
    } satisfies z.infer<typeof StatusSchema>;
  });
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

function gpuStatus(worker: WorkerStatus): z.infer<typeof GpuStatusSchema> {
  return {
    ready: worker.ready,
    available: worker.available,
    client_count: worker.clientCount,
    current_model_id: worker.modelId,
    process_alive: worker.processAlive,
    warmup_enabled: worker.warmup.enabled,
    warmup_success: worker.warmup.success,
    warmup_error: worker.warmup.error,
    warmup_timings: worker.warmup.timings,
    restarts: worker.restarts,
    error: worker.error,
  };
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
