import { pause } from '../../core/base/async/aborted.ts';
import type { ReplicaStatus, RouterStatus } from './status-reading.ts';
import type { StatusSource } from './status-source.ts';

interface PollOptions {
  readonly source: StatusSource;
  readonly intervalMs: number;
  /** Ends the polling, also in the middle of a read. */
  readonly signal: AbortSignal;
  onStatus(status: ReplicaStatus | RouterStatus, atMs: number): void;
  onProblem(error: unknown, atMs: number): void;
}

/** Reads the status at each interval until the signal; a read that takes longer delays the next, none overlap. */
export async function poll({ source, intervalMs, signal, onStatus, onProblem }: PollOptions): Promise<void> {
  while (!signal.aborted) {
    const startMs = Date.now();
    try {
      const status = await source.read(signal);
      if (signal.aborted) return;
      onStatus(status, Date.now());
    } catch (error) {
      if (signal.aborted) return;
      onProblem(error, Date.now());
    }
    const restMs = Math.max(0, intervalMs - (Date.now() - startMs));
    await pause(restMs, signal);
  }
}
