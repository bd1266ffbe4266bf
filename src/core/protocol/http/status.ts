import * as z from 'zod';
import { CapabilitiesSchema } from '../worker/capabilities.ts';

const count = z.int().min(0);

/** What a worker is doing. */
export const workerStates = [
  /** Its process is starting or loading the model. */
  'starting',
  /** It makes trial segments. */
  'warming',
  /** Ready, no session bound. */
  'idle',
  /** A session is bound, no segment is being made. */
  'bound',
  /** A segment is being made. */
  'busy',
  /** It died or failed to start, and is started again after a pause. */
  'restarting',
  /** It died too often; it stays out until it is asked for (`POST /admin/workers/ID/restart`). */
  'parked',
  /** The server is stopping. */
  'stopped',
] as const;
export type WorkerState = (typeof workerStates)[number];

/** One worker in `GET /status`; what is not in the contract is marked (ours). */
export const GpuStatusSchema = z.object({
  ready: z.boolean(),
  available: z.boolean(),
  client_count: count,
  current_model_id: z.string().nullable(),
  process_alive: z.boolean(),
  warmup_enabled: z.boolean(),
  warmup_success: z.boolean().nullable(),
  warmup_error: z.string().nullable(),
  warmup_timings: z.record(z.string(), z.number()).describe('Milliseconds by name.'),
  worker_id: z.string().describe('(ours)'),
  state: z.enum(workerStates).describe('(ours)'),
  pid: z
    .int()
    .nullable()
    .describe('(ours) Process id of the worker; null when it has no process of its own.'),
  restarts: count.describe('(ours) Number of restarts after a death.'),
  encoder: z
    .string()
    .nullable()
    .optional()
    .describe('(ours) What encodes, in words; null while that is not known.'),
  adapters: z
    .record(z.string(), z.number())
    .nullable()
    .optional()
    .describe(
      '(ours) Strengths of the adapters that it has applied, by name; null for a model that takes none.',
    ),
  capabilities: CapabilitiesSchema.nullable()
    .optional()
    .describe('(ours) What its model can do; null while that is not known.'),
  error: z.string().nullable().describe('(ours) Why the worker is not ready.'),
});
export type GpuStatus = z.infer<typeof GpuStatusSchema>;

/** A session that is connected, as an operator sees it. */
export const SessionStatusSchema = z.object({
  session_id: z.string(),
  state: z.string().describe('INITIALIZING, QUEUED, GPU_BINDING or ACTIVE.'),
  worker_id: z.string().nullable(),
  segment_idx: count.nullable().describe('The running segment.'),
  step: count.describe('Steps done of it.'),
  total_steps: count,
  completed_segments: count,
  waiting_requests: count,
  idle_seconds: z.number().min(0).describe('Time since the last activity; 0 while a segment is running.'),
});
export type SessionStatus = z.infer<typeof SessionStatusSchema>;

export const RecentErrorSchema = z.object({
  ts: z.string().describe('ISO 8601, UTC.'),
  code: z.string(),
  message: z.string(),
  session_id: z.string().nullable(),
});
export type RecentError = z.infer<typeof RecentErrorSchema>;

/** `GET /status` of one replica. */
export const StatusSchema = z.object({
  total_gpus: count,
  available_gpus: count,
  queue_size: count,
  warmup_enabled: z.boolean(),
  warmup_successful_gpus: count,
  warmup_failed_gpus: count,
  gpu_status: z.record(z.string(), GpuStatusSchema).describe('By GPU id.'),
  service: z.string().describe('(ours)'),
  version: z.string().describe('(ours)'),
  draining: z.boolean().describe('(ours)'),
  uptime_seconds: z.number().min(0).describe('(ours)'),
  store: z
    .object({
      kind: z.enum(['memory', 'file', 'redis']),
      ok: z.boolean(),
      reason: z.string().nullable(),
    })
    .describe('(ours) Where sessions are kept for a resume.'),
  session_count: count.describe('(ours) Sessions connected.'),
  max_sessions: count.describe('(ours) Limit of sessions at once, including those that wait for a worker.'),
  sessions: z.array(SessionStatusSchema).describe('(ours) The first 200 of them.'),
  prompt_provider_success_counts: z
    .record(z.string(), count)
    .describe('(ours) Answers so far, by provider of prompts.'),
  totals: z
    .object({
      segments_completed: count,
      segments_failed: count,
      segments_cancelled: count,
      media_bytes: count,
      first_media_count: count.describe('Segments whose first media has left.'),
      first_media_ms_sum: z
        .number()
        .min(0)
        .describe('Sum of their times from the request to the first media.'),
    })
    .describe('(ours) Counts since the start.'),
  recent_errors: z
    .array(RecentErrorSchema)
    .describe('(ours) The last 20 errors sent to clients, newest first.'),
});
export type ServerStatus = z.infer<typeof StatusSchema>;
