import type { ReplicaRegistry } from '../replicas/registry.ts';
import type { Replica } from '../replicas/replica.ts';

/** What `GET /status` of a router answers: the contract's fields, ours, and what a web app looks for in a server's. */
export function routerStatus({ replicas }: Pick<ReplicaRegistry, 'replicas'>) {
  const sum = (of: (replica: Replica) => number) =>
    replicas.reduce((total, replica) => total + of(replica), 0);
  return {
    replicas: replicas.map(replicaStatus),
    totals: {
      replicas: replicas.length,
      healthy_replicas: sum(({ health }) => (health.state === 'healthy' ? 1 : 0)),
      active_sessions: sum(({ active }) => active),
      pending_sessions: sum(({ pending }) => pending),
      workers: sum(({ load }) => load?.totalWorkers ?? 0),
      free_workers: sum(({ load }) => load?.freeWorkers ?? 0),
    },
    total_gpus: sum(({ load }) => load?.totalWorkers ?? 0),
    available_gpus: sum(({ load }) => load?.freeWorkers ?? 0),
    queue_size: sum(({ load }) => load?.waiting ?? 0),
    gpu_status: Object.fromEntries(replicas.flatMap(workersOf)),
  };
}

/** Each under its replica and its number there. */
function workersOf({ name, load }: Replica): [string, object][] {
  return Object.entries(load?.workers ?? {}).map(([id, worker]) => [`${name}/${id}`, worker]);
}

function replicaStatus(replica: Replica) {
  const { url, name, primary, weight, health, active, pending, sessions, load } = replica;
  return {
    url,
    primary,
    status: health.state,
    /** Seconds since 1970. */
    last_ok_at: health.lastOkAt === undefined ? null : health.lastOkAt.getTime() / 1000,
    last_latency_ms: health.lastLatencyMs ?? null,
    consecutive_failures: health.consecutiveFailures,
    name,
    weight,
    /** Through this router. */
    active_sessions: active,
    pending_sessions: pending,
    /** On the replica, as far as is known. */
    sessions,
    draining: load?.draining ?? null,
    last_error: health.lastError ?? null,
  };
}

/** What `GET /router/replicas/sessions` answers. */
export function replicaSessions({ replicas }: Pick<ReplicaRegistry, 'replicas'>) {
  return {
    replicas: replicas.map(({ url, health, active, pending, load }) => ({
      url,
      healthy: health.state === 'healthy',
      active_sessions: active,
      pending_sessions: pending,
      max_available_sessions: load?.totalWorkers ?? null,
      prompt_provider_success_counts: load?.promptProviderSuccessCounts ?? {},
    })),
  };
}
