import { errorMessage, FastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { StoreHealth } from '../../base/store/store-condition.ts';
import { StoreCondition } from '../../base/store/store-condition.ts';

interface CareOptions {
  readonly directory: string;
  readonly logger: Logger;
  readonly sweepEveryMs: number;
  /** Throws when the folder cannot be written. */
  readonly probe: () => Promise<void>;
  readonly sweep: () => Promise<void>;
}

/** Turns errors of the file system into `store_failed`, and sweeps every so often. */
export class FolderCare {
  readonly #options: CareOptions;
  readonly #condition: StoreCondition;
  readonly #timer: NodeJS.Timeout;
  #sweeping: Promise<void> | undefined;

  constructor(options: CareOptions) {
    this.#options = options;
    this.#condition = new StoreCondition(`file:${options.directory}`, options.logger);
    this.#timer = setInterval(() => {
      // A slow disk may take longer than the pause.
      this.#sweeping ??= this.#sweep().finally(() => {
        this.#sweeping = undefined;
      });
    }, options.sweepEveryMs);
    this.#timer.unref();
  }

  get health(): StoreHealth {
    return this.#condition.health;
  }

  async read<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      this.#condition.failed(errorMessage(error));
      const reason = `The store file:${this.#options.directory} failed: ${errorMessage(error)}.`;
      throw new FastVideoError('store_failed', reason, { cause: error });
    }
  }

  /** As `read`; success also shows that the store works: reading does not, on a full disk. */
  async write<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = await this.read(work);
    this.#condition.works();
    return result;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    try {
      await this.#options.sweep();
      // Nobody may ask a store that is said to be lost: then this is what finds it well again.
      if (!this.#condition.health.ok) await this.write(this.#options.probe);
    } catch (error) {
      this.#condition.failed(errorMessage(error));
    }
  }
}
