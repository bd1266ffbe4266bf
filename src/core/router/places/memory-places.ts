import type { PlaceRecord, PlaceStore } from './place-store.ts';

/** The last `capacity` sessions that this router has seen. */
export class MemoryPlaces implements PlaceStore {
  readonly #capacity: number;
  readonly #places = new Map<string, PlaceRecord>();

  constructor(capacity = 20_000) {
    this.#capacity = capacity;
  }

  put(sessionId: string, record: PlaceRecord): void {
    // A map keeps the order of insertion: the first is the one that was set longest ago.
    this.#places.delete(sessionId);
    this.#places.set(sessionId, record);
    if (this.#places.size <= this.#capacity) return;
    const [oldest] = this.#places.keys();
    if (oldest !== undefined) this.#places.delete(oldest);
  }

  async get(sessionId: string): Promise<PlaceRecord | undefined> {
    return this.#places.get(sessionId);
  }

  async close(): Promise<void> {}
}
