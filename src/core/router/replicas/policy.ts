import type { RouterSettings } from '../settings.ts';
import type { Replica } from './replica.ts';

/** Chooses among replicas that can all take a session. */
export class Policy {
  /** What each replica is owed of the turns that were taken. */
  readonly #credit = new WeakMap<Replica, number>();

  /** Undefined only when there is none. */
  choose(policy: RouterSettings['policy'], replicas: readonly Replica[]): Replica | undefined {
    if (policy === 'weighted') return this.#nextInTurn(replicas);
    if (policy === 'primary') return replicas.find(({ primary }) => primary) ?? leastSessions(replicas);
    return leastSessions(replicas);
  }

  /**
   * Smooth weighted round robin: each turn every replica is credited its weight, the one that is owed most is chosen
   * and pays for all. 3 to 1 gives a a b a, never a a a b.
   */
  #nextInTurn(replicas: readonly Replica[]): Replica | undefined {
    let chosen: Replica | undefined;
    let total = 0;
    for (const replica of replicas) {
      total += replica.weight;
      this.#credit.set(replica, this.#owed(replica) + replica.weight);
      if (!chosen || this.#owed(replica) > this.#owed(chosen)) chosen = replica;
    }
    if (chosen) this.#credit.set(chosen, this.#owed(chosen) - total);
    return chosen;
  }

  #owed(replica: Replica): number {
    return this.#credit.get(replica) ?? 0;
  }
}

/** One with a free worker before those where a session would wait; of equals the first in the file. */
function leastSessions(replicas: readonly Replica[]): Replica | undefined {
  const [first] = [...replicas].sort(
    (left, right) => Number(left.waits) - Number(right.waits) || left.sessions - right.sessions,
  );
  return first;
}
