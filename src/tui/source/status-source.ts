import type { ReplicaStatus, RouterStatus } from './status-reading.ts';

/** Where the dashboard gets what it shows: a URL, or a function of the server in the same process. */
export interface StatusSource {
  /** What the header shows: the address, or a name. */
  readonly label: string;
  /** The status now. Rejects with a `FastVideoError`; one that is not retryable ends a dashboard that has shown nothing yet. */
  read(signal: AbortSignal): Promise<ReplicaStatus | RouterStatus>;
  /** Asks the server to drain. Absent where it may not be asked: without the admin token. */
  drain?(): Promise<void>;
}
