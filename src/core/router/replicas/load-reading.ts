import { z } from 'zod';

const count = z.int().min(0);

/** `GET /status` of a replica, as far as a router has use for it; FastVideo's Python server tells less. */
const StatusSchema = z.looseObject({
  total_gpus: count,
  available_gpus: count,
  session_count: count.optional(),
  max_sessions: count.optional(),
  draining: z.boolean().optional(),
  queue_size: count.optional(),
  gpu_status: z.record(z.string(), z.looseObject({ client_count: count.optional() })).optional(),
  prompt_provider_success_counts: z.record(z.string(), z.number()).optional(),
});

/** How busy a replica said it was. */
export interface LoadReading {
  readonly totalWorkers: number;
  readonly freeWorkers: number;
  /** Sessions that wait for one. */
  readonly waiting: number;
  /** What it tells of each worker, by its number. */
  readonly workers: Readonly<Record<string, object>>;
  /** Sessions connected, through whichever router. */
  readonly sessions: number;
  /** Sessions that it takes at once; undefined when it does not say. */
  readonly maxSessions: number | undefined;
  readonly draining: boolean;
  readonly promptProviderSuccessCounts: Readonly<Record<string, number>>;
}

/** Reads the JSON of `GET /status`; undefined for what is not a replica's. */
export function readLoad(value: unknown): LoadReading | undefined {
  const parsed = StatusSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  const clients = Object.values(data.gpu_status ?? {}).reduce(
    (sum, { client_count }) => sum + (client_count ?? 0),
    0,
  );
  return {
    totalWorkers: data.total_gpus,
    freeWorkers: data.available_gpus,
    waiting: data.queue_size ?? 0,
    workers: data.gpu_status ?? {},
    sessions: data.session_count ?? clients,
    maxSessions: data.max_sessions,
    draining: data.draining ?? false,
    promptProviderSuccessCounts: data.prompt_provider_success_counts ?? {},
  };
}
