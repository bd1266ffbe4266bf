import { z } from 'zod';
import type { ConfigOf } from '../load-config.ts';
import { messageRateKeys } from '../message-rate.ts';
import { HttpLimitsSchema } from '../serve-schema/limits.ts';
import { bytes, count, openingSeconds, seconds } from '../serve-schema/quantities.ts';
import { HealthCheckSchema } from './health-check.ts';
import { ReplicasSchema } from './replica.ts';

const mebibyte = 1024 * 1024;

const RouterSchema = z
  .strictObject({
    host: z.string().min(1).default('0.0.0.0').meta({ description: 'Address to listen on.' }),
    port: z.int().min(0).max(65535).default(9000).meta({
      description: 'TCP port to listen on; 0 picks a free one, which is printed.',
    }),
    replicas: ReplicasSchema.prefault([]),
    health_check: HealthCheckSchema.prefault({}),
    policy: z.enum(['primary', 'least_sessions', 'weighted']).default('primary').meta({
      description:
        'Which replica a new session goes to: `primary` (the primary while it can take one, then as `least_sessions`), `least_sessions` (the one with the fewest) or `weighted` (in turn, by weight).',
    }),
    wait_seconds: seconds(0, 'How long a new session may wait while no replica can take it.', 0),
    failover: z.enum(['transparent', 'error']).default('transparent').meta({
      description:
        'What happens to a session whose replica is lost: `transparent` (it continues on another one, and the client does not notice) or `error` (`worker_failed`, close 1011).',
    }),
    failover_seconds: seconds(
      60,
      'How long a session may be without a replica before its client gets an error.',
      0,
    ),
    failover_bytes: bytes(
      16 * mebibyte,
      'Bytes that the router may keep for one session to be able to move it; a larger session is not moved.',
      1024,
    ),
    failover_total_bytes: bytes(
      512 * mebibyte,
      'Bytes that the router may keep for all sessions together; beyond it the session that keeps the most can no longer be moved, but continues.',
      1024,
    ),
    store: z
      .string()
      .refine((store) => /^(memory:|rediss?:\/\/.+)$/.test(store), {
        error: 'must be "memory:", "redis://HOST[:PORT][/DB]" or "rediss://…"',
      })
      .default('memory:')
      .meta({
        description:
          'Where the router records which replica holds which session: `memory:` (this router only) or `redis://[USER:PASSWORD@]HOST[:PORT][/DB]`, `rediss://…` (Redis or Valkey, shared by several routers).',
      }),
    connect_timeout_seconds: seconds(5, 'How long the connection to a replica may take to open.'),
    opening_timeout_seconds: seconds(
      20,
      'How long a replica may say nothing at all to the first message of a session; then the next replica is asked.',
    ),
    silence_timeout_seconds: seconds(
      660,
      'How long a replica may say nothing while it owes an answer: a session that waits to be let in, a segment that was asked for or is being made. Keep it above `streaming.acquire_timeout_seconds` and `streaming.segment_timeout_seconds` of the replicas.',
    ),
    ...openingSeconds('`300`'),
    drain_seconds: seconds(30, 'How long sessions may still continue after SIGTERM.', 0),
    max_connections: count(4096, 'WebSocket connections at once.', { unit: 'connections' }),
    max_message_bytes: bytes(48 * mebibyte, 'Largest WebSocket message that is relayed.', 1024),
    limits: HttpLimitsSchema.prefault({}).meta({
      description:
        'Limits on plain HTTP. `fastvideo_router_limits_reached_total` in `/metrics` counts how often each was reached.',
    }),
    ...messageRateKeys,
    buffer_bytes: bytes(
      mebibyte,
      'Bytes that may wait for one side of a session; beyond that the router stops reading from the other side.',
      1024,
    ),
    ping_interval_seconds: seconds(20, 'Time between two pings that detect dead connections.', 0.1),
    admin_token: z.string().min(16).optional().meta({
      description: 'Token for `POST /admin/drain`, at least 16 characters. Unset: there is no such route.',
      secret: true,
    }),
  })
  .meta({ description: 'The router.' });

/** The config file of `router`. Keys are as in the file. */
export const RouterConfigSchema = z.strictObject({ router: RouterSchema.prefault({}) });

export type RouterConfig = ConfigOf<typeof RouterConfigSchema>;
