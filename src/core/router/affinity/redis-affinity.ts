import { errorMessage } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { RedisConnection } from '../../base/store/redis-connection.ts';
import type { RedisLocation } from '../../base/store/store-url.ts';
import { type AffinityRecord, AffinityRecordSchema, type AffinityStore } from './affinity-store.ts';
import { MemoryAffinity } from './memory-affinity.ts';

/** Longer than any session is kept for a resume; a session that lives longer is found through its own router only. */
const keptMs = 24 * 3_600_000;

/** Sessions that several routers have seen. What this router saw itself it knows also while the Redis is away. */
export class RedisAffinity implements AffinityStore {
  readonly #connection: RedisConnection;
  readonly #logger: Logger;
  readonly #own = new MemoryAffinity();

  private constructor(connection: RedisConnection, logger: Logger) {
    this.#connection = connection;
    this.#logger = logger;
  }

  /** Throws `start_failed` when the Redis cannot be used. */
  static async open(location: RedisLocation, logger: Logger): Promise<RedisAffinity> {
    return new RedisAffinity(await RedisConnection.open(location, logger), logger);
  }

  put(sessionId: string, record: AffinityRecord): void {
    this.#own.put(sessionId, record);
    const expiration = { type: 'PX' as const, value: keptMs };
    const text = JSON.stringify(record);
    this.#connection
      .run((client) => client.set(keyOf(sessionId), text, { expiration }))
      .catch((error: unknown) => this.#failed(sessionId, error));
  }

  async get(sessionId: string): Promise<AffinityRecord | undefined> {
    try {
      const text = await this.#connection.run((client) => client.get(keyOf(sessionId)));
      if (text !== null) return AffinityRecordSchema.parse(JSON.parse(text));
    } catch (error) {
      this.#failed(sessionId, error);
    }
    return await this.#own.get(sessionId);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  /** The connection itself says in the log that it is lost, once. */
  #failed(sessionId: string, error: unknown): void {
    this.#logger.debug(
      { session_id: sessionId, error: errorMessage(error) },
      'replica of a session could not be stored',
    );
  }
}

function keyOf(sessionId: string): string {
  return `fastvideo:place:{${sessionId}}`;
}
