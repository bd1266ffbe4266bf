import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { clientMessage } from '../base/client-text.ts';
import { errorMessage, FastVideoError, toFastVideoError } from '../base/errors.ts';
import type { Part } from '../base/lifecycle.ts';
import type { Logger } from '../base/log.ts';
import { systemReason } from '../base/system-reason.ts';
import type { Stills } from '../media/stills.ts';
import type { Pool } from '../pool/pool.ts';
import { GrowingFile } from './growing-file.ts';
import { isOver, type Job, type JobKind, type JobRequest, jobFiles } from './job.ts';
import { JobEntry } from './job-entry.ts';
import type { JobFolder } from './job-folder.ts';
import { JobQueue } from './job-queue.ts';
import { type JobProgress, mediaPath, runJob, sourceFile, sourceStateFile } from './job-run.ts';
import { JobSpace } from './job-space.ts';
import { JobTurns } from './job-turns.ts';

export interface JobLimits {
  /** Jobs made at once. */
  readonly maxRunning: number;
  readonly maxQueued: number;
  /** Ended jobs. */
  readonly maxKept: number;
  /** Of all files of all jobs. */
  readonly maxBytes: number;
  /** Of an ended job. */
  readonly ttlMs: number;
}

export interface JobsOptions {
  readonly pool: Pick<Pool, 'acquire' | 'release' | 'run'>;
  readonly folder: JobFolder;
  /** Where the folder is for this server only, and goes with it. */
  readonly temporary: boolean;
  readonly limits: JobLimits;
  readonly stills: Stills;
  readonly logger: Logger;
  /** Called for each job that has ended. */
  readonly onEnd?: (job: Job) => void;
}

export interface NewJob {
  readonly kind: JobKind;
  readonly request: JobRequest;
  /** Its first picture. */
  readonly picture?: { readonly bytes: Uint8Array; readonly extension: string };
  readonly remixedFrom?: Job;
  /** A completed video that it goes on from. */
  readonly source?: Job;
}

/** A worker that dies over a job may die of it: another one tries, and no third. */
const mostAttempts = 2;
/** Nor a server that ends over it. */
const mostRestarts = 5;

/** What is made one after the other on workers that come free, and kept in files. */
export class Jobs implements Part {
  readonly name = 'jobs';
  readonly #options: JobsOptions;
  /** In order of their creation. */
  readonly #entries = new Map<string, JobEntry>();
  readonly #queue = new JobQueue();
  readonly #space: JobSpace;
  readonly #turns: JobTurns;

  constructor(options: JobsOptions) {
    this.#options = options;
    const { folder, limits, logger, temporary } = options;
    this.#space = new JobSpace({
      folder,
      temporary,
      logger,
      onOpen: (jobs) => this.#takeOver(jobs),
      onTick: () => this.#tidy(),
    });
    this.#turns = new JobTurns({
      pool: options.pool,
      queue: this.#queue,
      maxRunning: limits.maxRunning,
      logger,
      make: (id, bindingId) => this.#make(id, bindingId),
    });
  }

  async start(): Promise<void> {
    await this.#space.start();
  }

  async stop(): Promise<void> {
    await this.#space.stop();
  }

  /** What makes them: to be started when there are workers, and stopped before those are. */
  get making(): Part {
    return {
      name: 'making of jobs',
      start: async () => this.#turns.start(),
      // What waits stays for the next start.
      drain: (deadline) => this.#turns.drain(deadline),
      stop: async () => {
        this.#turns.stop();
        for (const { run } of this.#entries.values()) run?.abort.abort(stopping);
        await this.#turns.ended();
      },
    };
  }

  /** Jobs that wait, and that are made. */
  get counts(): { readonly queued: number; readonly running: number } {
    return { queued: this.#queue.size, running: this.#turns.running };
  }

  /**
   * Keeps a job and has it made. Throws `queue_full`, `store_failed` where its files cannot be written, and
   * `invalid_message` for a source that is not there any more.
   */
  async create({ kind, request, picture, remixedFrom, source }: NewJob): Promise<JobEntry> {
    await this.#space.open();
    await this.#tidy();
    this.#checkRoom();
    const id = `${kind}_${randomUUID().replaceAll('-', '')}`;
    const pictureFile = picture && `picture.${picture.extension}`;
    const job: Job = {
      version: 1,
      id,
      kind,
      status: 'queued',
      created_at: Date.now(),
      attempts: 0,
      restarts: 0,
      request,
      ...(pictureFile === undefined ? {} : { picture: pictureFile }),
      ...(remixedFrom ? { remixed_from: remixedFrom.id } : {}),
      ...(source ? { extends: { id: source.id, frames: source.frames, bytes: 0 } } : {}),
      bytes: 0,
      frames: 0,
      init_bytes: source?.init_bytes ?? 0,
      continuable: false,
    };
    const entry = new JobEntry(job);
    try {
      const { folder } = this.#options;
      await folder.create(id);
      if (picture && pictureFile !== undefined) await folder.write(id, pictureFile, picture.bytes);
      if (source) {
        await folder.copy(source.id, jobFiles.state, id, sourceStateFile);
        await folder.copy(source.id, jobFiles.video, id, sourceFile);
        const bytes = await folder.fileSize(id, sourceFile);
        entry.update({ extends: { id: source.id, frames: source.frames, bytes } });
      }
      entry.update({ bytes: await folder.size(id) });
      await folder.save(entry.job);
    } catch (error) {
      await this.#removeFiles(id);
      throw storeFailure(error);
    }
    this.#entries.set(id, entry);
    this.#queue.add(id);
    return entry;
  }

  /** Throws `store_failed` while the folder is another server's, or cannot be read: what is there is not known then. */
  check(): void {
    this.#space.check();
  }

  /** Undefined for one that is not there, or not any more. */
  get(id: string): JobEntry | undefined {
    return this.#entries.get(id);
  }

  /** All of a kind, the oldest first. */
  list(kind: JobKind): readonly JobEntry[] {
    return [...this.#entries.values()].filter(({ job }) => job.kind === kind);
  }

  /** Ends it, where it has not ended; it stays, without its media. */
  async cancel(entry: JobEntry): Promise<void> {
    if (isOver(entry.job)) return;
    this.#queue.remove(entry.job.id);
    entry.update({ status: 'cancelled', ended_at: Date.now() });
    await this.#stopRun(entry);
    await rm(mediaPath(this.#options.folder, entry.job), { force: true });
    await this.#end(entry, { status: 'cancelled' });
  }

  /** Ends it, where it has not ended, and forgets it with its files. */
  async remove(entry: JobEntry): Promise<void> {
    const { id } = entry.job;
    this.#queue.remove(id);
    this.#entries.delete(id);
    const ended = isOver(entry.job);
    entry.remove();
    await this.#stopRun(entry);
    await this.#removeFiles(id);
    if (!ended) this.#options.onEnd?.(entry.job);
  }

  async #stopRun({ run }: JobEntry): Promise<void> {
    run?.abort.abort(cancelled);
    await run?.ended;
  }

  #takeOver(jobs: readonly Job[]): void {
    for (const job of jobs) {
      const entry = new JobEntry(job);
      this.#entries.set(job.id, entry);
      if (isOver(job)) continue;
      if (job.kind === 'image') {
        // Who waited for it has gone.
        void this.remove(entry);
      } else if (job.status === 'queued') this.#queue.add(job.id);
      else if (job.restarts < mostRestarts) {
        // As if nobody had begun it.
        entry.update({
          status: 'queued',
          attempts: Math.max(0, job.attempts - 1),
          restarts: job.restarts + 1,
        });
        this.#queue.add(job.id);
      } else {
        const message = `The server ended while it made the video, ${mostRestarts + 1} times.`;
        void this.#end(entry, { status: 'failed', error: { code: 'worker_failed', message } });
      }
    }
  }

  #checkRoom(): void {
    const { maxQueued, maxBytes } = this.#options.limits;
    if (this.#queue.size >= maxQueued) {
      throw new FastVideoError(
        'queue_full',
        `${maxQueued} jobs wait already, which is the limit (jobs.max_queued). Try again later.`,
      );
    }
    if (this.#bytes() >= maxBytes) {
      const limit = `the limit of ${maxBytes} bytes is reached (jobs.max_bytes)`;
      throw new FastVideoError('queue_full', `There is no room for the files of another job: ${limit}.`);
    }
  }

  #bytes(): number {
    let sum = 0;
    for (const { job, run } of this.#entries.values()) {
      sum += job.bytes + (isOver(job) ? 0 : (run?.media.bytes ?? 0));
    }
    return sum;
  }

  /** Forgets what is too old or too much, the oldest first. The last one that ended stays, however large it is. */
  async #tidy(): Promise<void> {
    const { ttlMs, maxKept, maxBytes } = this.#options.limits;
    const over = [...this.#entries.values()]
      .flatMap((entry) => (entry.job.ended_at === undefined ? [] : [{ entry, endedAt: entry.job.ended_at }]))
      .sort((one, other) => one.endedAt - other.endedAt);
    const expired = Date.now() - ttlMs;
    for (const [index, { entry, endedAt }] of over.entries()) {
      const left = over.length - index;
      const tooMany = left > maxKept || (left > 1 && this.#bytes() > maxBytes);
      if (tooMany || endedAt < expired) await this.remove(entry);
    }
  }

  /** Resolves when it has ended, however it did. */
  async #make(
    id: string,
    { bindingId, modelId }: { readonly bindingId: string; readonly modelId: string },
  ): Promise<void> {
    const entry = this.#entries.get(id);
    if (!entry) return;
    const { pool, folder, stills, logger } = this.#options;
    const media = new GrowingFile(mediaPath(folder, entry.job));
    const abort = new AbortController();
    const job = entry.update({ status: 'in_progress', attempts: entry.job.attempts + 1, model: modelId });
    const parts = {
      pool,
      folder,
      bindingId,
      media,
      signal: abort.signal,
      stills,
      onProgress: (progress: JobProgress) => {
        entry.progress = progress;
      },
    };
    const work = (async () => {
      await this.#save(entry);
      try {
        const result = await runJob(job, parts);
        await media.end();
        if (!isOver(entry.job)) await this.#end(entry, { status: 'completed', ...result });
      } catch (error) {
        await media.end({ error });
        await this.#failed(entry, error);
      }
      logger.info(
        { job: id, status: entry.job.status, attempts: entry.job.attempts },
        isOver(entry.job) ? 'job ended' : 'job waits again',
      );
    })();
    entry.run = { media, abort, ended: work };
    await work;
    entry.run = undefined;
    await this.#tidy();
  }

  async #failed(entry: JobEntry, error: unknown): Promise<void> {
    const { reason } = entry.run?.abort.signal ?? {};
    // Whoever cancels or removes it says how it ended.
    if (reason === cancelled || isOver(entry.job)) return;
    entry.resetProgress();
    if (reason === stopping) {
      // For the next start, as if nobody had begun it.
      entry.update({ status: 'queued', attempts: entry.job.attempts - 1 });
      await this.#save(entry);
      return;
    }
    const known = storeFailure(error);
    const { id, attempts } = entry.job;
    this.#options.logger.error({ job: id, attempts, error: errorMessage(error) }, 'job failed');
    if (known.code === 'worker_failed' && known.retryable && attempts < mostAttempts) {
      entry.update({ status: 'queued' });
      await this.#save(entry);
      if (!entry.removed) this.#queue.addFirst(id);
      return;
    }
    await this.#end(entry, { status: 'failed', error: { code: known.code, message: clientMessage(known) } });
  }

  async #end(entry: JobEntry, change: Partial<Job>): Promise<void> {
    const { folder, onEnd } = this.#options;
    const { id } = entry.job;
    await folder.removeFile(id, sourceFile);
    await folder.removeFile(id, sourceStateFile);
    const job = entry.update({ ...change, ended_at: Date.now(), bytes: await folder.size(id) });
    await this.#save(entry);
    onEnd?.(job);
  }

  /** What cannot be written is told in the log; the job goes on. */
  async #save(entry: JobEntry): Promise<void> {
    if (entry.removed) return;
    try {
      await this.#options.folder.save(entry.job);
    } catch (error) {
      this.#options.logger.error({ job: entry.job.id, error: errorMessage(error) }, 'job not saved');
    }
  }

  async #removeFiles(id: string): Promise<void> {
    try {
      await this.#options.folder.remove(id);
    } catch (error) {
      this.#options.logger.warn({ job: id, error: errorMessage(error) }, 'files of a job not removed');
    }
  }
}

const stopping = new FastVideoError('interrupted', 'The server stops.');
const cancelled = new FastVideoError('interrupted', 'The job was cancelled.');

/** What the system says of a file is told in its own words. */
function storeFailure(error: unknown): FastVideoError {
  if (error instanceof FastVideoError || !isSystemError(error)) return toFastVideoError(error);
  return new FastVideoError(
    'store_failed',
    `The files of the job cannot be written: ${systemReason(error)}.`,
    {
      cause: error,
    },
  );
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}
