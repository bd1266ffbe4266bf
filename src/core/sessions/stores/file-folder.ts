import { randomUUID } from 'node:crypto';
import { chmod, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { absentIfMissing } from '../../base/absent-if-missing.ts';
import type { Logger } from '../../base/log.ts';
import { makeFolders } from '../../base/make-folders.ts';
import { FolderIndex, type IndexedFile } from './folder-index.ts';
import { decodeStoredFile, encodeStoredFile } from './stored-file.ts';

/** A temporary file of this age was left behind by a process that ended in the middle of a write. */
const leftoverAfterMs = 600_000;
const temporaryPattern = /^(\d+)-[0-9a-f-]+\.fastvideo-tmp$/;

/**
 * Files with a time to live, bounded in bytes. A file's modification time is the moment when it expires, so that it
 * survives a restart and is prolonged without a rewrite. Errors are those of `node:fs`.
 */
export class FileFolder {
  readonly #path: string;
  readonly #suffix: string;
  readonly #index: FolderIndex;
  readonly #logger: Logger;

  /** Only files whose names end in `suffix` are ours: whatever else lies in the folder is left alone. */
  constructor(path: string, suffix: string, maxBytes: number, logger: Logger) {
    this.#path = path;
    this.#suffix = suffix;
    this.#index = new FolderIndex(maxBytes);
    this.#logger = logger;
  }

  /** Makes the folder, looks whether it can be written, and takes over what is in it. */
  async open(): Promise<void> {
    await makeFolder(this.#path);
    await this.probe();
    await this.sweep();
  }

  /** Throws when the folder cannot be written. */
  async probe(): Promise<void> {
    const temporary = await this.#writeTemporary(encodeStoredFile(new Uint8Array(1)), 0);
    await rm(temporary);
  }

  /** A reader sees the old file or the new one, whole. */
  async write(name: string, payload: Uint8Array, ttlMs: number): Promise<void> {
    const content = encodeStoredFile(payload);
    for (const oldest of this.#index.add({ name, bytes: content.length })) await this.#unlink(oldest);
    const temporary = await this.#writeTemporary(content, ttlMs);
    try {
      await rename(temporary, this.#fileOf(name));
    } catch (error) {
      await discard(temporary);
      throw error;
    }
  }

  /** Undefined when there is none, or it has expired or is damaged. */
  async read(name: string): Promise<Uint8Array | undefined> {
    const path = this.#fileOf(name);
    const content = await absentIfMissing(async () => {
      await using handle = await open(path, 'r');
      const found = await handle.stat();
      // An expired file is left to the sweep: it may have been replaced since.
      if (found.mtimeMs <= Date.now()) return undefined;
      return found.isFile() ? await handle.readFile() : Buffer.alloc(0);
    });
    if (content === undefined) return undefined;
    const payload = decodeStoredFile(content);
    if (payload === undefined) this.#logger.warn({ path }, 'stored file is damaged; ignored');
    return payload;
  }

  /** False when it is gone. */
  async touch(name: string, ttlMs: number): Promise<boolean> {
    const path = this.#fileOf(name);
    const touched = await absentIfMissing(async () => {
      const { mtimeMs, size } = await stat(path);
      if (mtimeMs <= Date.now()) return false;
      await expireIn(path, ttlMs);
      this.#index.add({ name, bytes: size });
      return true;
    });
    return touched ?? false;
  }

  async remove(name: string): Promise<void> {
    this.#index.remove(name);
    await this.#unlink(name);
  }

  /** Removes what has expired, what is too much, and what broken writes have left. */
  async sweep(): Promise<void> {
    this.#index.beginScan();
    const found: (IndexedFile & { expiresAt: number })[] = [];
    for (const entry of await readdir(this.#path)) {
      const startedAt = temporaryPattern.exec(entry)?.[1];
      if (startedAt !== undefined && Number(startedAt) + leftoverAfterMs < Date.now()) {
        await discard(join(this.#path, entry));
      }
      if (!entry.endsWith(this.#suffix)) continue;
      const name = entry.slice(0, -this.#suffix.length);
      const file = await absentIfMissing(() => stat(join(this.#path, entry)));
      if (file === undefined || this.#index.changedSinceScan(name)) continue;
      if (file.mtimeMs > Date.now()) found.push({ name, bytes: file.size, expiresAt: file.mtimeMs });
      else await this.remove(name);
    }
    // The order of writing is not on the disk; with one time to live it is the order of expiry.
    found.sort((one, other) => one.expiresAt - other.expiresAt);
    for (const name of this.#index.endScan(found)) await this.#unlink(name);
  }

  #fileOf(name: string): string {
    return join(this.#path, `${name}${this.#suffix}`);
  }

  async #unlink(name: string): Promise<void> {
    await rm(this.#fileOf(name), { force: true });
  }

  /** In the same folder: only there is a rename atomic. Not synced to the disk: a power cut costs the last records. */
  async #writeTemporary(content: Buffer, ttlMs: number): Promise<string> {
    const path = join(this.#path, `${Date.now()}-${randomUUID()}.fastvideo-tmp`);
    try {
      await using handle = await open(path, 'wx', 0o600);
      await handle.writeFile(content);
      await handle.utimes(new Date(), new Date(Date.now() + ttlMs));
      return path;
    } catch (error) {
      await discard(path);
      throw error;
    }
  }
}

/** The folder is for this user alone, also when it was there before. */
export async function makeFolder(path: string): Promise<void> {
  await makeFolders(path, 0o700);
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o700);
}

async function expireIn(path: string, ttlMs: number): Promise<void> {
  await utimes(path, new Date(), new Date(Date.now() + ttlMs));
}

async function discard(path: string): Promise<void> {
  // What cannot be removed now is a leftover for a later sweep, and must not hide the first error.
  await rm(path, { force: true }).catch(() => undefined);
}
