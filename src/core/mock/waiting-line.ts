import type { Scenario } from '../base/config/scenario-schema/scenario.ts';
import { Bindings, type Slot } from '../pool/bindings.ts';
import type { QueuePosition } from '../pool/pool.ts';

interface Waiter {
  readonly sessionId: string;
  readonly signal: AbortSignal;
  readonly onPosition: (position: QueuePosition) => void;
  /** Limit of a wait that ends with a worker. */
  readonly acquireTimeoutMs: number;
}

/** Longer than any wait here; what Node's timers hold, about. */
const foreverMs = 2_000_000_000;

/**
 * Waits in a pool's own queue for a place that sessions before it hold one after the other. Throws `gpu_unavailable`
 * where the scenario wants that, and the signal's reason.
 */
export async function waitInLine(
  { ahead, seconds, ends_with }: Scenario['queue'],
  { sessionId, signal, onPosition, acquireTimeoutMs }: Waiter,
): Promise<void> {
  const line = new Bindings<Slot>();
  line.add({ capacity: 1, ready: true });
  const others = new AbortController();
  // One of them is being served, so that a place has to be waited for at all.
  const before = Array.from({ length: Math.max(1, ahead) }, (_, index) => `ahead-${index}`);
  for (const id of before) {
    line
      .acquire(id, { signal: others.signal, timeoutMs: foreverMs, onPosition: () => {} })
      // They leave the line with the one who waits behind them.
      .catch(() => {});
  }
  const leaving = ends_with === 'worker' ? before : before.slice(0, -1);
  const departures = setInterval(
    () => {
      const next = leaving.shift();
      if (next !== undefined) line.release(next);
    },
    Math.max(1, (seconds * 1000) / before.length),
  );
  try {
    const timeoutMs = ends_with === 'worker' ? acquireTimeoutMs : seconds * 1000;
    await line.acquire(sessionId, { signal, timeoutMs, onPosition });
  } finally {
    clearInterval(departures);
    others.abort();
  }
}
