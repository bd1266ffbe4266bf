import type { AffinityRecord, AffinityStore } from './affinity-store.ts';

/** The last `capacity` sessions that this router has seen. */
export class MemoryAffinity implements AffinityStore {
  readonly #capacity: number;
  readonly #affinity = new Map<string, AffinityRecord>();

  constructor(capacity = 20_000) {
    this.#capacity = capacity;
  }

  put(sessionId: string, record: AffinityRecord): void {
    // A map keeps the order of insertion: the first is the one that was set longest ago.
    this.#affinity.delete(sessionId);
    this.#affinity.set(sessionId, record);
    if (this.#affinity.size <= this.#capacity) return;
    const [oldest] = this.#affinity.keys();
    if (oldest !== undefined) this.#affinity.delete(oldest);
  }

  async get(sessionId: string): Promise<AffinityRecord | undefined> {
    return this.#affinity.get(sessionId);
  }

  async close(): Promise<void> {}
}
