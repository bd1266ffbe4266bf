/** Longer ids are none of ours. */
const maxIdChars = 200;

/** Which replica last held which session: the last `capacity` of them. */
export class SessionPlaces {
  readonly #capacity: number;
  readonly #places = new Map<string, string>();

  constructor(capacity = 20_000) {
    this.#capacity = capacity;
  }

  /** Remembers the replica's URL. */
  set(sessionId: string, url: string): void {
    if (sessionId.length > maxIdChars) return;
    // A map keeps the order of insertion: the first is the one that was set longest ago.
    this.#places.delete(sessionId);
    this.#places.set(sessionId, url);
    if (this.#places.size <= this.#capacity) return;
    const [oldest] = this.#places.keys();
    if (oldest !== undefined) this.#places.delete(oldest);
  }

  get(sessionId: string): string | undefined {
    return this.#places.get(sessionId);
  }
}
