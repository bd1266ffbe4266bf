import { type TimeLimit, timeLimit } from '../../base/async/deadline.ts';
import type { ReplicaRegistry } from '../replicas/registry.ts';
import type { Replica } from '../replicas/replica.ts';

export interface SearchOptions {
  readonly waitMs: number;
  /** Ends the search. */
  readonly over: AbortSignal;
  /** URL of the replica that is asked first. */
  readonly prefer?: string | undefined;
  /** The replica that is asked last: the session was lost there. */
  readonly leaveOut?: Replica | undefined;
}

/** The replicas that are tried for one session, one after the other; when all have been, it waits for a change. */
export class ReplicaSearch implements Disposable {
  readonly #registry: ReplicaRegistry;
  readonly #options: SearchOptions;
  readonly #patience: TimeLimit;
  readonly #tried: Set<Replica>;

  constructor(registry: ReplicaRegistry, options: SearchOptions) {
    const { waitMs, over, leaveOut } = options;
    this.#registry = registry;
    this.#options = options;
    this.#patience = timeLimit(waitMs, over);
    this.#tried = new Set(leaveOut ? [leaveOut] : []);
  }

  /** Undefined when none can take the session in time, now where it is not to wait, or it is over. */
  async next({ wait = true } = {}): Promise<Replica | undefined> {
    const { over, prefer } = this.#options;
    while (!over.aborted) {
      const replica = this.#registry.choose({ tried: this.#tried, prefer });
      if (replica) {
        this.#tried.add(replica);
        return replica;
      }
      if (!wait || !(await this.#registry.change(this.#patience.signal))) return undefined;
      this.#tried.clear();
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#patience[Symbol.dispose]();
  }
}
