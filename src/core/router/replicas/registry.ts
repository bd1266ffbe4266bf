import { timeLimit } from '../../base/async/deadline.ts';
import { Wakeup } from '../../base/async/wakeup.ts';
import { replicaOrigin } from '../../base/config/router-schema/replica.ts';
import type { Part } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/log.ts';
import type { CurrentSettings } from '../settings.ts';
import type { Thresholds } from './health-record.ts';
import { Policy } from './policy.ts';
import { type Probe, probeOverHttp } from './probe.ts';
import { ProbeSchedule } from './probe-schedule.ts';
import { Replica } from './replica.ts';

export interface RegistryOptions {
  readonly settings: CurrentSettings;
  readonly logger: Logger;
  /** Default: over HTTP. */
  readonly probe?: Probe;
  readonly onProbe?: (replica: Replica, outcome: ProbeOutcome) => void;
}

/** `slow`: not in time, and the replica lives all the same. */
export type ProbeOutcome = { readonly seconds: number } | 'failed' | 'slow';

interface Entry {
  readonly replica: Replica;
  readonly schedule: ProbeSchedule;
}

/** The replicas by URL: probes them, judges them, and chooses one for each session. */
export class ReplicaRegistry implements Part {
  readonly name = 'replicas';
  readonly #options: RegistryOptions;
  readonly #policy = new Policy();
  readonly #entries = new Map<string, Entry>();
  /** Those that are gone from the settings and had sessions then: they may come back with them. */
  readonly #unlisted = new Map<string, Replica>();
  readonly #news = new Wakeup();

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#reconcile();
  }

  /** In the order of the file. */
  get replicas(): readonly Replica[] {
    return [...this.#entries.values()].map(({ replica }) => replica);
  }

  /** Whether none can take a session before a probe finds it well again: each has been found unhealthy. */
  get isDown(): boolean {
    return this.replicas.every(({ health }) => health.state === 'unhealthy');
  }

  /** Resolves when each replica has been asked once: one that is up is known to be healthy then. */
  async start(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ schedule }) => schedule.start()));
  }

  async stop(): Promise<void> {
    for (const { schedule } of this.#entries.values()) schedule.stop();
  }

  /** Takes over what the settings say now. Sessions on a replica that is gone from them go on. */
  reload(): void {
    this.#reconcile();
    for (const { schedule } of this.#entries.values()) {
      // The interval may be a shorter one.
      schedule.hasten();
      void schedule.start();
    }
    this.#changed();
  }

  /**
   * The replica for a session; undefined when none can take it.
   *
   * @param prefer - URL of the replica that held the session before; chosen when it is healthy, full or not
   */
  choose({ tried, prefer }: { readonly tried: ReadonlySet<Replica>; readonly prefer?: string | undefined }) {
    const preferred = prefer === undefined ? undefined : this.#entries.get(prefer)?.replica;
    if (preferred && !tried.has(preferred) && preferred.health.state === 'healthy') return preferred;
    const able = this.replicas.filter((replica) => replica.takesSessions && !tried.has(replica));
    return this.#policy.choose(this.#options.settings().policy, able);
  }

  /** Resolves with true when a replica may be able to take a session that could not before; false when it is over. */
  async change(over: AbortSignal): Promise<boolean> {
    await this.#news.wait(over);
    return !over.aborted;
  }

  /** Tells those that wait for a place that there may be one. */
  placeFreed(): void {
    this.#changed();
  }

  /** The replica refused a connection or dropped a session. */
  sessionFailed(replica: Replica, reason: string): void {
    this.#judge(replica, () => replica.health.sessionFailed(reason, this.#thresholds()));
  }

  #reconcile(): void {
    const before = new Map(this.#entries);
    this.#entries.clear();
    for (const [url, replica] of this.#unlisted) if (!hasSessions(replica)) this.#unlisted.delete(url);
    for (const config of this.#options.settings().replicas) {
      const url = replicaOrigin(config.url);
      const entry = before.get(url) ?? this.#newEntry(this.#unlisted.get(url) ?? new Replica(config));
      this.#unlisted.delete(url);
      entry.replica.configure(config);
      before.delete(url);
      this.#entries.set(url, entry);
    }
    for (const [url, { replica, schedule }] of before) {
      schedule.stop();
      if (hasSessions(replica)) this.#unlisted.set(url, replica);
    }
  }

  #newEntry(replica: Replica): Entry {
    const intervalMs = () => this.#options.settings().health_check.interval_seconds * 1000;
    return {
      replica,
      schedule: new ProbeSchedule({ intervalMs, probe: (signal) => this.#probe(replica, signal) }),
    };
  }

  async #probe(replica: Replica, signal: AbortSignal): Promise<void> {
    const { probe = probeOverHttp, onProbe } = this.#options;
    const health = this.#options.settings().health_check;
    const timeoutMs = health.timeout_seconds * 1000;
    const startedAt = performance.now();
    // A late answer is waited for until the next probe.
    const patience = timeLimit(Math.max(timeoutMs, health.interval_seconds * 1000), signal);
    const target = { url: replica.url, path: health.path, timeoutMs, apiKey: health.api_key };
    const result = await probe(target, patience.signal);
    const late = result.ok ? undefined : result.late;
    void (late ?? Promise.resolve(false)).then((answered) => {
      patience[Symbol.dispose]();
      if (!answered || signal.aborted) return;
      onProbe?.(replica, 'slow');
      replica.health.probeAnsweredLate();
    });
    if (signal.aborted) return;
    // A busy replica is slow to answer; one that is frozen says nothing to anybody.
    const isSlow = late !== undefined && replica.heardSince(startedAt);
    onProbe?.(replica, result.ok ? { seconds: result.latencyMs / 1000 } : isSlow ? 'slow' : 'failed');
    if (isSlow) return;
    this.#judge(replica, () => {
      if (result.ok) replica.probeSucceeded(result.latencyMs, result.load, this.#thresholds());
      else replica.probeFailed(result.reason, this.#thresholds());
    });
    if (result.ok) this.#changed();
  }

  #judge(replica: Replica, judge: () => void): void {
    const { logger } = this.#options;
    const before = replica.health.state;
    judge();
    const { state, lastError, consecutiveFailures } = replica.health;
    const { timeout_seconds: seconds } = this.#options.settings().health_check;
    if (state === 'unhealthy') replica.demandSignsOfLife(seconds * 1000);
    if (state === before) return;
    const fields = { replica: replica.name, url: replica.url };
    if (state === 'healthy') logger.info(fields, 'replica is healthy');
    else logger.warn({ ...fields, error: lastError, failures: consecutiveFailures }, 'replica is unhealthy');
  }

  #thresholds(): Thresholds {
    const { failure_threshold: failures, recovery_threshold: recoveries } =
      this.#options.settings().health_check;
    return { failures, recoveries };
  }

  #changed(): void {
    this.#news.wake();
  }
}

function hasSessions({ active, pending }: Replica): boolean {
  return active + pending > 0;
}
