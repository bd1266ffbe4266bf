interface Entry<Value> {
  readonly value: Value;
  readonly bytes: number;
  readonly expiresAt: number;
}

const sweepEveryMs = 1000;

/** Values with a time to live, bounded in bytes: the oldest go first when there is no room. */
export class ExpiringMap<Value> {
  readonly #maxBytes: number;
  readonly #sizeOf: (value: Value) => number;
  /** In order of insertion. */
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #sweeper: NodeJS.Timeout;
  #bytes = 0;

  constructor(maxBytes: number, sizeOf: (value: Value) => number) {
    this.#maxBytes = maxBytes;
    this.#sizeOf = sizeOf;
    this.#sweeper = setInterval(() => this.#sweep(), sweepEveryMs);
    this.#sweeper.unref();
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** A value larger than the whole bound is not kept. */
  set(key: string, value: Value, ttlMs: number): void {
    this.delete(key);
    const bytes = this.#sizeOf(value);
    if (bytes > this.#maxBytes) return;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes + bytes <= this.#maxBytes) break;
      this.delete(oldest);
    }
    this.#entries.set(key, { value, bytes, expiresAt: performance.now() + ttlMs });
    this.#bytes += bytes;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAt > performance.now()) return entry.value;
    this.delete(key);
    return undefined;
  }

  /** False when it was not there, or no longer. */
  delete(key: string): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
    return entry.expiresAt > performance.now();
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.#entries.clear();
    this.#bytes = 0;
  }

  #sweep(): void {
    const now = performance.now();
    for (const [key, entry] of this.#entries) if (entry.expiresAt <= now) this.delete(key);
  }
}
