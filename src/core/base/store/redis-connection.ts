import { SocketClosedUnexpectedlyError, SocketTimeoutError } from 'redis';
import { DeadlineError, within } from '../async/deadline.ts';
import { FastVideoError, systemErrorCode } from '../errors.ts';
import type { Logger } from '../log.ts';
import { newRedisClient, type RedisClient } from './redis-client.ts';
import { isRefusal, redisReason } from './redis-reason.ts';
import type { StoreHealth } from './store-condition.ts';
import { StoreCondition } from './store-condition.ts';
import type { RedisLocation } from './store-url.ts';

const commandTimeoutMs = 3000;
/** How long a command that lost its connection waits for the next one. */
const retryWaitMs = 1000;
const closeTimeoutMs = 1000;
const probeKey = 'fastvideo:probe';

/**
 * One connection for both stores. When it is lost, or the server refuses to write, commands fail promptly with
 * `store_failed` until a write of its own has worked again; it tries for ever.
 */
export class RedisConnection {
  readonly #shown: string;
  readonly #client: RedisClient;
  readonly #condition: StoreCondition;
  #started = false;
  #closed = false;
  /** Connected, but a command was not answered: the next ones need not wait for the same. */
  #silent = false;
  #returning: Promise<void> | undefined;

  private constructor(location: RedisLocation, logger: Logger) {
    this.#shown = location.shown;
    this.#condition = new StoreCondition(location.shown, logger);
    this.#client = newRedisClient(location, () => this.#started);
    this.#client.on('error', (error) => {
      if (this.#started && !this.#closed) this.#condition.failed(redisReason(error));
    });
    this.#client.on('ready', () => {
      // It was closed in the middle of an attempt to connect.
      if (this.#closed) this.#client.destroy();
      else void this.#look();
    });
    this.#client.on('ping-interval', () => void this.#look());
  }

  /** Throws `start_failed` when the server cannot be reached, or cannot be written to. */
  static async open(location: RedisLocation, logger: Logger): Promise<RedisConnection> {
    const connection = new RedisConnection(location, logger);
    try {
      await connection.#client.connect();
      await connection.#probe();
    } catch (error) {
      connection.#closed = true;
      connection.#client.destroy();
      const reason = `The store ${location.shown} cannot be used (${redisReason(error)}): start Redis there, or give its address as redis://[user:password@]host[:port][/db].`;
      throw new FastVideoError('start_failed', reason, { cause: error });
    }
    connection.#started = true;
    return connection;
  }

  get health(): StoreHealth {
    return this.#condition.health;
  }

  /**
   * Runs a command that may run twice without harm: when the connection breaks before the answer, it is sent once
   * more. `extraMs` is for the transfer of many bytes.
   */
  async run<Reply>(command: (client: RedisClient) => Promise<Reply>, extraMs = 0): Promise<Reply> {
    const { health } = this.#condition;
    if (this.#closed) throw this.#failure('it is closed');
    if (!health.ok && (this.#silent || !this.#client.isReady)) throw this.#failure(health.reason);
    try {
      return await this.#send(command, commandTimeoutMs + extraMs);
    } catch (error) {
      const isLate = error instanceof DeadlineError;
      if (isLate) this.#silent = true;
      if (!this.#closed && (isLate || isRefusal(error))) this.#condition.failed(redisReason(error));
      throw this.#failure(redisReason(error), error);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#client.isReady && !this.#silent) {
      // Commands under way get their answers; one that never comes is no reason to stay, hence the limit.
      await within(closeTimeoutMs, () => this.#client.close()).catch(() => undefined);
    }
    this.#client.destroy();
  }

  async #send<Reply>(command: (client: RedisClient) => Promise<Reply>, limitMs: number): Promise<Reply> {
    // The signal takes back what was not sent yet, so that it is not written long after it was given up.
    const attempt = () => within(limitMs, (signal) => command(this.#client.withAbortSignal(signal)));
    try {
      return await attempt();
    } catch (error) {
      if (this.#closed || !wasCutOff(error)) throw error;
      await this.#waitForReady();
      return await attempt();
    }
  }

  /** One wait for all commands that the same loss has cut off. */
  #waitForReady(): Promise<void> {
    if (this.#client.isReady) return Promise.resolve();
    this.#returning ??= new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#client.off('ready', end);
        this.#returning = undefined;
        resolve();
      };
      const timer = setTimeout(end, retryWaitMs);
      this.#client.on('ready', end);
    });
    return this.#returning;
  }

  /** A connection that answers pings may still refuse to write, as a replica does: only a write shows that all is well. */
  async #look(): Promise<void> {
    if (this.#closed || this.#condition.health.ok) return;
    try {
      await this.#probe();
      this.#silent = false;
      this.#condition.works();
    } catch (error) {
      if (!this.#closed) this.#condition.failed(redisReason(error));
    }
  }

  async #probe(): Promise<void> {
    await within(commandTimeoutMs, (signal) =>
      this.#client.withAbortSignal(signal).set(probeKey, '1', { expiration: { type: 'PX', value: 1000 } }),
    );
  }

  #failure(reason: string, cause?: unknown): FastVideoError {
    return new FastVideoError('store_failed', `The store ${this.#shown} failed: ${reason}.`, { cause });
  }
}

function wasCutOff(error: unknown): boolean {
  if (error instanceof SocketClosedUnexpectedlyError || error instanceof SocketTimeoutError) return true;
  return ['ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes(systemErrorCode(error) ?? '');
}
