import { replicaName, replicaOrigin } from '../../base/config/router-schema/replica.ts';
import type { RouterSettings } from '../settings.ts';
import { HealthRecord, type Thresholds } from './health-record.ts';
import type { LoadReading } from './load-reading.ts';

export type ReplicaConfig = RouterSettings['replicas'][number];

/** A session on a replica. */
interface ReplicaSession {
  /** Ends it unless the replica says something within this time. */
  demandSignOfLife(withinMs: number): void;
}

/** One replica: what the operator says of it, what probes say, and the sessions that go through this router. */
export class Replica {
  readonly url: string;
  readonly health = new HealthRecord();
  #config: ReplicaConfig;
  #load: LoadReading | undefined;
  #ownWhenRead = 0;
  readonly #sessions = new Set<ReplicaSession>();
  #pending = 0;
  #active = 0;
  #heardAt = Number.NEGATIVE_INFINITY;

  constructor(config: ReplicaConfig) {
    this.url = replicaOrigin(config.url);
    this.#config = config;
  }

  /** The config after a reload; its URL is the same. */
  configure(config: ReplicaConfig): void {
    this.#config = config;
  }

  get name(): string {
    return replicaName(this.#config);
  }

  get primary(): boolean {
    return this.#config.primary;
  }

  get weight(): number {
    return this.#config.weight;
  }

  get load(): LoadReading | undefined {
    return this.#load;
  }

  /** Sessions through this router that the replica has let in. */
  get active(): number {
    return this.#active;
  }

  /** Sessions through this router that it has not let in yet. */
  get pending(): number {
    return this.#pending;
  }

  /** Sessions on the replica: those it told of last, and what this router has changed since. */
  get sessions(): number {
    const own = this.#active + this.#pending;
    if (!this.#load) return own;
    return Math.max(own, this.#load.sessions + own - this.#ownWhenRead);
  }

  /** Whether a further session would have to wait for a worker there; false when that is not known. */
  get waits(): boolean {
    if (!this.#load) return false;
    return this.#load.freeWorkers - (this.sessions - this.#load.sessions) <= 0;
  }

  /** Whether a new session may be tried here. */
  get takesSessions(): boolean {
    if (this.health.state !== 'healthy' || this.weight === 0 || this.#load?.draining) return false;
    const limit = this.#load?.maxSessions;
    return limit === undefined || this.sessions < limit;
  }

  /** It has said something to a session. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** Whether it has said anything to a session since then, by `performance.now()`. */
  heardSince(ms: number): boolean {
    return this.#heardAt >= ms;
  }

  probeSucceeded(latencyMs: number, load: LoadReading | undefined, thresholds: Thresholds): void {
    this.#load = load;
    this.#ownWhenRead = this.#active + this.#pending;
    this.health.probeSucceeded(latencyMs, thresholds);
  }

  probeFailed(reason: string, thresholds: Thresholds): void {
    this.#load = undefined;
    this.health.probeFailed(reason, thresholds);
  }

  /** A frozen replica closes nothing: its sessions are asked one by one. */
  demandSignsOfLife(withinMs: number): void {
    for (const session of this.#sessions) session.demandSignOfLife(withinMs);
  }

  sessionBegins(session: ReplicaSession): void {
    this.#sessions.add(session);
    this.#pending += 1;
  }

  sessionLetIn(): void {
    this.#pending -= 1;
    this.#active += 1;
    this.health.sessionOpened();
  }

  sessionEnded(session: ReplicaSession, wasLetIn: boolean): void {
    this.#sessions.delete(session);
    if (wasLetIn) this.#active -= 1;
    else this.#pending -= 1;
  }
}
