export type ReplicaState = 'unknown' | 'healthy' | 'unhealthy';

export interface Thresholds {
  /** Failures in a row that make a replica unhealthy. */
  readonly failures: number;
  /** Good probes in a row that make it healthy again. */
  readonly recoveries: number;
}

/**
 * What is known of one replica's health. Probes and sessions are counted apart: a replica that answers probes and
 * still refuses or drops sessions is unhealthy too.
 */
export class HealthRecord {
  #state: ReplicaState = 'unknown';
  #probeFailures = 0;
  #goodProbes = 0;
  #sessionFailures = 0;
  #lastOkAt: Date | undefined;
  #lastLatencyMs: number | undefined;
  #lastError: string | undefined;

  get state(): ReplicaState {
    return this.#state;
  }

  get lastOkAt(): Date | undefined {
    return this.#lastOkAt;
  }

  /** Of the last probe; unset where it failed. */
  get lastLatencyMs(): number | undefined {
    return this.#lastLatencyMs;
  }

  /** The last failure; it stays for reading when the replica is healthy again. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  /** Failures in a row, of probes or of sessions, whichever are more. */
  get consecutiveFailures(): number {
    return Math.max(this.#probeFailures, this.#sessionFailures);
  }

  probeSucceeded(latencyMs: number, thresholds: Thresholds): void {
    this.#lastOkAt = new Date();
    this.#lastLatencyMs = latencyMs;
    this.#probeFailures = 0;
    this.#goodProbes += 1;
    const recovered = this.#state === 'unhealthy' && this.#goodProbes >= thresholds.recoveries;
    if (recovered) this.#sessionFailures = 0;
    if (recovered || this.#state === 'unknown') this.#state = 'healthy';
  }

  probeFailed(reason: string, thresholds: Thresholds): void {
    this.#probeFailures += 1;
    this.#lastLatencyMs = undefined;
    this.#failed(reason, thresholds);
  }

  /** A probe that had failed because it was late was answered well after all: the replica is slow, and lives. */
  probeAnsweredLate(): void {
    if (this.#state !== 'unhealthy') this.#probeFailures = 0;
  }

  /** A session got through to the replica. */
  sessionOpened(): void {
    if (this.#state !== 'unhealthy') this.#sessionFailures = 0;
  }

  /** The replica refused a connection or dropped a session. */
  sessionFailed(reason: string, thresholds: Thresholds): void {
    this.#sessionFailures += 1;
    this.#failed(reason, thresholds);
  }

  #failed(reason: string, { failures }: Thresholds): void {
    this.#lastError = reason;
    this.#goodProbes = 0;
    if (this.consecutiveFailures >= failures) this.#state = 'unhealthy';
  }
}
