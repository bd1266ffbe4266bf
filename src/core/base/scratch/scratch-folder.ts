import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage, systemErrorCode } from '../errors.ts';
import type { Part } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { folderPrefix, leftAfterMs, removeLeftFolders } from './left-folders.ts';
import { ownMark, type ProcessMark } from './process-mark.ts';

/** A file that is gone with this process at the latest. */
export interface ScratchFile {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Where a process keeps files that nobody needs after it: a folder of its own below the system's folder for temporary
 * files, made with the first file, for this user alone, removed when the process ends. What one leaves that was killed,
 * the next one removes at its start, and one that runs every now and then.
 */
export class ScratchFolder implements Part {
  readonly name = 'scratch folder';
  readonly #parent: string;
  readonly #logger: Logger;
  readonly #own: ProcessMark = ownMark();
  readonly #removeNow = () => this.removeNow();
  #path: Promise<string> | undefined;
  /** Once it is there. */
  #made: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(logger: Logger, parent: string = tmpdir()) {
    this.#parent = parent;
    this.#logger = logger;
  }

  async start(): Promise<void> {
    process.on('exit', this.#removeNow);
    this.#timer = setInterval(() => void this.#care(), leftAfterMs / 4).unref();
    await this.#care();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    process.off('exit', this.#removeNow);
    // Who wanted the folder was told why there is none.
    await this.#path?.catch(() => undefined);
    if (this.#made !== undefined) await rm(this.#made, { recursive: true, force: true });
  }

  /** For an end that waits for nothing. */
  removeNow(): void {
    if (this.#made !== undefined) rmSync(this.#made, { recursive: true, force: true });
  }

  /** Writes the file whole or not at all. Throws the system's error. */
  async write(bytes: Uint8Array, extension: string): Promise<ScratchFile> {
    try {
      return await this.#write(await this.#folder(), bytes, extension);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
      // Somebody has cleaned up.
      this.#path = undefined;
      return await this.#write(await this.#folder(), bytes, extension);
    }
  }

  async #write(folder: string, bytes: Uint8Array, extension: string): Promise<ScratchFile> {
    const path = join(folder, `${randomUUID()}.${extension}`);
    const remove = () => rm(path, { force: true });
    try {
      await writeFile(path, bytes, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      // What cannot be removed either goes with the folder, and must not hide the first error.
      await remove().catch(() => undefined);
      throw error;
    }
    return { path, remove };
  }

  /** One folder for those who ask at once; after a failure the next one tries again. */
  async #folder(): Promise<string> {
    this.#path ??= mkdtemp(join(this.#parent, folderPrefix(this.#own)));
    const path = this.#path;
    try {
      this.#made = await path;
      return this.#made;
    } catch (error) {
      if (this.#path === path) this.#path = undefined;
      throw error;
    }
  }

  /** Shows those who cannot see this process that it is there, and looks for what others have left. */
  async #care(): Promise<void> {
    try {
      if (this.#made !== undefined) await utimes(this.#made, new Date(), new Date());
      await removeLeftFolders(this.#parent, this.#own);
    } catch (error) {
      this.#logger.warn(
        { error: errorMessage(error) },
        'temporary files of earlier processes are not removed',
      );
    }
  }
}
