import { rm, stat } from 'node:fs/promises';
import { absentIfMissing } from '../base/absent-if-missing.ts';
import { errorMessage, FastVideoError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { makeFolders } from '../base/make-folders.ts';
import { systemReason } from '../base/system-reason.ts';
import { claimEveryMs, claimFolder, releaseFolder, renewClaim } from './folder-claim.ts';
import type { Job } from './job.ts';
import type { JobFolder } from './job-folder.ts';

export interface JobSpaceOptions {
  readonly folder: JobFolder;
  /** Whether the folder goes with the server. */
  readonly temporary: boolean;
  readonly logger: Logger;
  /** Is given what an earlier server has left, once. */
  readonly onOpen: (jobs: readonly Job[]) => void;
  /** Called every now and then while it is open. */
  readonly onTick: () => Promise<void>;
}

/** The folder of the jobs, from the first one on: who only streams leaves none behind. */
export class JobSpace {
  readonly #options: JobSpaceOptions;
  #timer: NodeJS.Timeout | undefined;
  #opening: Promise<void> | undefined;
  #isOpen = false;
  #problem: FastVideoError | undefined;

  constructor(options: JobSpaceOptions) {
    this.#options = options;
  }

  /** Opens a folder that is there. What stands in the way is told in the log, and whoever has a job made is told again. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.#tick(), claimEveryMs).unref();
    await this.#openIfThere();
  }

  /** Throws `store_failed` where the folder cannot be made, or is another server's. */
  async open(): Promise<void> {
    if (this.#isOpen) return;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    await this.#opening;
  }

  /** Throws why the folder that is there could not be opened. */
  check(): void {
    if (this.#problem) throw this.#problem;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { folder, temporary } = this.#options;
    if (temporary) await rm(folder.directory, { recursive: true, force: true });
    else await releaseFolder(folder.directory);
  }

  async #open(): Promise<void> {
    const { folder, temporary, onOpen, logger } = this.#options;
    const { directory } = folder;
    try {
      await makeFolders(directory, 0o700);
      const holder = temporary ? undefined : await claimFolder(directory);
      if (holder !== undefined) throw taken(holder);
      const jobs = await folder.load();
      this.#isOpen = true;
      this.#problem = undefined;
      if (jobs.length > 0) logger.info({ jobs: jobs.length, directory }, 'jobs of an earlier start');
      onOpen(jobs);
    } catch (error) {
      this.#problem = error instanceof FastVideoError ? error : unusable(error);
      throw this.#problem;
    }
  }

  async #openIfThere(): Promise<void> {
    try {
      if (await absentIfMissing(() => stat(this.#options.folder.directory))) await this.open();
    } catch (error) {
      this.#options.logger.warn({ error: errorMessage(error) }, 'no jobs can be made');
    }
  }

  async #tick(): Promise<void> {
    const { folder, temporary, logger, onTick } = this.#options;
    if (!this.#isOpen) return await this.#openQuietly();
    try {
      if (!temporary) await renewClaim(folder.directory);
      await onTick();
    } catch (error) {
      logger.warn({ error: errorMessage(error) }, 'jobs could not be looked after');
    }
  }

  /** The server that had the folder may have ended; that it has not was told at the start. */
  async #openQuietly(): Promise<void> {
    const { folder, logger } = this.#options;
    try {
      if (await absentIfMissing(() => stat(folder.directory))) await this.open();
    } catch (error) {
      logger.debug({ error: errorMessage(error) }, 'still no jobs can be made');
    }
  }
}

function unusable(error: unknown): FastVideoError {
  const remedy = 'set jobs.queue or server.output_dir to a folder that this user can write';
  const message = `Jobs cannot be kept: ${systemReason(error)}; ${remedy}.`;
  return new FastVideoError('store_failed', message, { cause: error });
}

function taken(pid: number): FastVideoError {
  const remedy = 'set another server.output_dir, or jobs.queue to memory:';
  return new FastVideoError(
    'store_failed',
    `Another server (process ${pid}) keeps its jobs in the same folder; ${remedy}.`,
  );
}
