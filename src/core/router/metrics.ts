import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { WireErrorCode } from '../base/error-table.ts';
import type { HttpLimit } from '../base/http/http-front.ts';
import type { DropLimit } from './failover/relayed-session.ts';
import type { ProbeOutcome } from './replicas/registry.ts';
import type { Replica } from './replicas/replica.ts';
import type { ReplicaConnectionEnd } from './wire/connection-end.ts';

interface Observed {
  readonly replicas: () => readonly Replica[];
  readonly connections: () => number;
  readonly bufferedBytes: () => number;
  readonly failoverBytes: () => number;
}

/** Limits of a router, named as the last part of their keys. */
export type RouterLimit = HttpLimit | 'max_connections' | 'max_message_bytes';

/** What `/metrics` of a router tells. Names and meanings are listed in docs/router.md. */
export class RouterMetrics {
  readonly registry = new Registry();
  /** Bytes of messages passed on to clients. */
  readonly toClients: Pick<Counter.Internal, 'inc'>;
  /** Bytes of messages passed on to replicas. */
  readonly toReplicas: Pick<Counter.Internal, 'inc'>;
  readonly #connections: Counter<'replica' | 'end'>;
  readonly #errors: Counter<'code'>;
  readonly #refused: Counter;
  readonly #limits: Counter<'limit'>;
  readonly #probes: Histogram<'replica'>;
  readonly #probeFailures: Counter<'replica'>;
  readonly #reloads: Counter<'result'>;
  readonly #moves: Counter<'result'>;
  readonly #moveSeconds: Histogram;
  readonly #dropped: Counter<'limit'>;
  readonly #slowed: Counter;
  readonly #slowProbes: Counter<'replica'>;
  readonly #silent: Counter<'replica'>;

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    const bytes = new Counter({
      name: 'fastvideo_router_bytes_total',
      help: 'Bytes of relayed messages, by receiver.',
      labelNames: ['to'],
      registers,
    });
    this.toClients = bytes.labels('clients');
    this.toReplicas = bytes.labels('replicas');
    this.#connections = new Counter({
      name: 'fastvideo_router_legs_total',
      help: 'Connections to replicas that ended while the client was connected, by reason.',
      labelNames: ['replica', 'end'],
      registers,
    });
    this.#errors = new Counter({
      name: 'fastvideo_router_errors_total',
      help: 'Error frames that the router itself sent, by code.',
      labelNames: ['code'],
      registers,
    });
    this.#refused = new Counter({
      name: 'fastvideo_router_connections_refused_total',
      help: 'Connections refused before the upgrade (path, connection limit, drain).',
      registers,
    });
    this.#limits = new Counter({
      name: 'fastvideo_router_limits_reached_total',
      help: 'Times that a limit was reached, by the key of the limit.',
      labelNames: ['limit'],
      registers,
    });
    this.#probes = new Histogram({
      name: 'fastvideo_router_probe_seconds',
      help: 'Time of successful probes.',
      labelNames: ['replica'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    });
    this.#probeFailures = new Counter({
      name: 'fastvideo_router_probe_failures_total',
      help: 'Probes that failed.',
      labelNames: ['replica'],
      registers,
    });
    this.#reloads = new Counter({
      name: 'fastvideo_router_reloads_total',
      help: 'Times that the config was read again, by result.',
      labelNames: ['result'],
      registers,
    });
    this.#moves = new Counter({
      name: 'fastvideo_router_failovers_total',
      help: 'Sessions whose replica was lost, by whether another one took them over.',
      labelNames: ['result'],
      registers,
    });
    this.#moveSeconds = new Histogram({
      name: 'fastvideo_router_failover_seconds',
      help: 'Time that sessions were without a replica before they were moved.',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
    this.#dropped = new Counter({
      name: 'fastvideo_router_failover_dropped_total',
      help: 'Sessions that can no longer be moved because a limit was reached, by limit.',
      labelNames: ['limit'],
      registers,
    });
    this.#slowed = new Counter({
      name: 'fastvideo_router_clients_slowed_total',
      help: 'Times that a client exceeded its message rate and was read more slowly.',
      registers,
    });
    this.#slowProbes = new Counter({
      name: 'fastvideo_router_probes_slow_total',
      help: 'Late probes of a replica that is alive: it answered late, or sent data to a session meanwhile.',
      labelNames: ['replica'],
      registers,
    });
    this.#silent = new Counter({
      name: 'fastvideo_router_replicas_silent_total',
      help: 'Connections to replicas that were given up because an answer was owed and none came.',
      labelNames: ['replica'],
      registers,
    });
  }

  /** Gauges that are read when they are asked for. */
  observe({ replicas, connections, bufferedBytes, failoverBytes }: Observed): void {
    const registers = [this.registry];
    new Gauge({
      name: 'fastvideo_router_connections',
      help: 'Clients connected.',
      registers,
      collect() {
        this.set(connections());
      },
    });
    new Gauge({
      name: 'fastvideo_router_buffered_bytes',
      help: 'Bytes of messages held for a side that cannot take them yet.',
      registers,
      collect() {
        this.set(bufferedBytes());
      },
    });
    new Gauge({
      name: 'fastvideo_router_failover_bytes',
      help: 'Bytes kept so that sessions can be moved.',
      registers,
      collect() {
        this.set(failoverBytes());
      },
    });
    new Gauge({
      name: 'fastvideo_router_replica_healthy',
      help: 'Whether a replica is healthy.',
      labelNames: ['replica'],
      registers,
      collect() {
        this.reset();
        for (const { name, health } of replicas())
          this.set({ replica: name }, health.state === 'healthy' ? 1 : 0);
      },
    });
    new Gauge({
      name: 'fastvideo_router_sessions',
      help: 'Sessions through this router: pending until the replica has accepted them, then active.',
      labelNames: ['replica', 'state'],
      registers,
      collect() {
        this.reset();
        for (const { name, active, pending } of replicas()) {
          this.set({ replica: name, state: 'active' }, active);
          this.set({ replica: name, state: 'pending' }, pending);
        }
      },
    });
  }

  connectionEnded(replica: string, end: ReplicaConnectionEnd['kind'] | 'rejected'): void {
    this.#connections.inc({ replica, end });
  }

  /** A session's replica went away; `seconds`: how long it took until another one went on. */
  sessionMoved(result: 'moved' | 'failed', seconds: number | undefined): void {
    this.#moves.inc({ result });
    if (seconds !== undefined) this.#moveSeconds.observe(seconds);
  }

  /** What was kept to move a session was dropped, by the limit of one session or that of all. */
  failoverDropped(limit: DropLimit): void {
    this.#dropped.inc({ limit });
  }

  errorSent(code: WireErrorCode): void {
    this.#errors.inc({ code });
  }

  connectionRefused(): void {
    this.#refused.inc();
  }

  limitReached(limit: RouterLimit): void {
    this.#limits.inc({ limit });
  }

  /** A connection was given up because its replica owed an answer and said nothing. */
  replicaSilent(replica: string): void {
    this.#silent.inc({ replica });
  }

  clientSlowed(): void {
    this.#slowed.inc();
  }

  /** A probe has ended, or one that had failed was answered late. */
  probed(replica: string, outcome: ProbeOutcome): void {
    if (outcome === 'failed') this.#probeFailures.inc({ replica });
    else if (outcome === 'slow') this.#slowProbes.inc({ replica });
    else this.#probes.observe({ replica }, outcome.seconds);
  }

  reloaded(result: 'taken' | 'refused'): void {
    this.#reloads.inc({ result });
  }
}
