import * as z from 'zod';
import { FastVideoError } from '../../core/base/errors.ts';
import {
  GpuStatusSchema,
  RecentErrorSchema,
  SessionStatusSchema,
  StatusSchema,
} from '../../core/protocol/http/status.ts';

/**
 * `GET /status` as it may come from an older server or from FastVideo's Python server: only the two fields that say
 * what it is must be there, a state that we do not know is a text, and unknown fields are kept.
 */
const GpuReadingSchema = z.looseObject({
  ...GpuStatusSchema.partial().shape,
  state: z.string().optional(),
  warmup_timings: z.record(z.string(), z.unknown()).optional(),
});
export type GpuReading = z.infer<typeof GpuReadingSchema>;

const SessionReadingSchema = z.looseObject({
  ...SessionStatusSchema.partial().shape,
  session_id: z.string(),
});
export type SessionReading = z.infer<typeof SessionReadingSchema>;

const ErrorReadingSchema = z.looseObject({ ...RecentErrorSchema.partial().shape, message: z.string() });

const ReplicaStatusSchema = z.looseObject({
  ...StatusSchema.partial().shape,
  total_gpus: StatusSchema.shape.total_gpus,
  gpu_status: z.record(z.string(), GpuReadingSchema),
  sessions: z.array(SessionReadingSchema).optional(),
  store: z.looseObject({ kind: z.string(), ok: z.boolean(), reason: z.string().nullish() }).optional(),
  recent_errors: z.array(ErrorReadingSchema).optional(),
});
/** The status of one replica; a `ServerStatus` is one. */
export type ReplicaStatus = z.infer<typeof ReplicaStatusSchema>;

const RouterReplicaSchema = z.looseObject({
  url: z.string(),
  name: z.string().optional(),
  primary: z.boolean().optional(),
  status: z.string(),
  last_ok_at: z.union([z.string(), z.number()]).nullish(),
  last_latency_ms: z.number().nullish(),
  consecutive_failures: z.number().optional(),
});

const RouterStatusSchema = z.looseObject({ replicas: z.array(RouterReplicaSchema) });

/** One replica as its router sees it, with its own status where it could be read. */
export type RouterReplica = z.infer<typeof RouterReplicaSchema> & {
  readonly detail?: ReplicaStatus;
  /** Why there is no `detail`. */
  readonly problem?: string;
};
export interface RouterStatus {
  readonly replicas: readonly RouterReplica[];
}

export function isRouterStatus(status: ReplicaStatus | RouterStatus): status is RouterStatus {
  return 'replicas' in status;
}

/** Reads the JSON of `GET /status`. Throws `input_invalid` for what neither a replica nor a router would answer. */
export function parseStatus(value: unknown, from: string): ReplicaStatus | RouterStatus {
  const isRouter = typeof value === 'object' && value !== null && 'replicas' in value;
  const parsed = (isRouter ? RouterStatusSchema : ReplicaStatusSchema).safeParse(value);
  if (parsed.success) return parsed.data as ReplicaStatus | RouterStatus;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? ` (${issue.path.join('.')}: ${issue.message})` : '';
  throw new FastVideoError('input_invalid', `${from} does not answer like a fastvideo server${where}.`);
}
