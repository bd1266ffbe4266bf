import { copyFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { absentIfMissing } from '../base/absent-if-missing.ts';
import { errorMessage } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { makeFolders } from '../base/make-folders.ts';
import { replaceFile } from '../base/replace-file.ts';
import { type Job, JobSchema, jobFiles } from './job.ts';

/** The files of all jobs: a folder for each. All calls throw the system's error. */
export class JobFolder {
  readonly directory: string;
  /** Whether records are written, for the next start. */
  readonly #records: boolean;
  readonly #logger: Logger;

  constructor(
    directory: string,
    { records, logger }: { readonly records: boolean; readonly logger: Logger },
  ) {
    this.directory = directory;
    this.#records = records;
    this.#logger = logger;
  }

  /** Of one file of a job. */
  path(id: string, file: string): string {
    return join(this.directory, id, file);
  }

  async create(id: string): Promise<void> {
    await makeFolders(join(this.directory, id), 0o700);
  }

  async save(job: Job): Promise<void> {
    if (!this.#records) return;
    await replaceFile(this.path(job.id, jobFiles.record), `${JSON.stringify(job)}\n`, { mode: 0o600 });
  }

  async write(id: string, file: string, bytes: Uint8Array | string): Promise<void> {
    await writeFile(this.path(id, file), bytes, { mode: 0o600 });
  }

  async copy(fromId: string, fromFile: string, id: string, file: string): Promise<void> {
    await copyFile(this.path(fromId, fromFile), this.path(id, file));
  }

  async has(id: string, file: string): Promise<boolean> {
    return (await absentIfMissing(() => stat(this.path(id, file)))) !== undefined;
  }

  async removeFile(id: string, file: string): Promise<void> {
    await rm(this.path(id, file), { force: true });
  }

  async fileSize(id: string, file: string): Promise<number> {
    return (await stat(this.path(id, file))).size;
  }

  async remove(id: string): Promise<void> {
    await rm(join(this.directory, id), { recursive: true, force: true });
  }

  /** Bytes of all files of a job. */
  async size(id: string): Promise<number> {
    const names = (await absentIfMissing(() => readdir(join(this.directory, id)))) ?? [];
    const sizes = await Promise.all(
      names.map(async (name) => (await absentIfMissing(() => stat(this.path(id, name))))?.size ?? 0),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** The jobs of an earlier server, the oldest first. Folders without a whole record are removed: nothing leads to them. */
  async load(): Promise<Job[]> {
    const entries = (await absentIfMissing(() => readdir(this.directory, { withFileTypes: true }))) ?? [];
    const jobs: Job[] = [];
    for (const entry of entries) {
      if (!entry.isDirectory() || !isJobId(entry.name)) continue;
      const job = await this.#read(entry.name);
      if (job) jobs.push(job);
      else {
        this.#logger.warn({ job: entry.name }, 'a job without a whole record is removed');
        await this.remove(entry.name);
      }
    }
    return jobs.sort((one, other) => one.created_at - other.created_at);
  }

  async #read(id: string): Promise<Job | undefined> {
    const text = await absentIfMissing(() => readFile(this.path(id, jobFiles.record), 'utf8'));
    if (text === undefined) return undefined;
    try {
      const job = JobSchema.parse(JSON.parse(text));
      return job.id === id ? job : undefined;
    } catch (error) {
      this.#logger.warn({ job: id, error: errorMessage(error) }, 'the record of a job cannot be read');
      return undefined;
    }
  }
}

const idPattern = /^(?:video|image)_[0-9a-f]{32}$/;

/** Whether a text can be the id of a job: nothing else is looked for in the folder. */
export function isJobId(text: string): boolean {
  return idPattern.test(text);
}
