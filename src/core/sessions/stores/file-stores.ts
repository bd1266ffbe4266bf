import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { FastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { makeFolders } from '../../base/make-folders.ts';
import { systemReason } from '../../base/system-reason.ts';
import { FileFolder } from './file-folder.ts';
import { FolderCare } from './folder-care.ts';
import type { BlobStore, SessionStore } from './store.ts';
import { checkName, checkSize } from './store-checks.ts';
import { TakenMarkers } from './taken-markers.ts';

const defaultSweepEveryMs = 30_000;

export interface FileStoreOptions {
  /** Of sessions and blobs together, half each. When full, the oldest go first. */
  readonly maxBytes: number;
  readonly logger: Logger;
  /** How often what has expired is removed, in milliseconds; default 30,000. */
  readonly sweepEveryMs?: number;
}

/**
 * Sessions and blobs as files below `directory`; they survive a restart, and several processes of one machine may use
 * the same folder. Throws `start_failed` when the folder cannot be made or written.
 */
export async function openFileStores(
  directory: string,
  { logger, maxBytes, sweepEveryMs = defaultSweepEveryMs }: FileStoreOptions,
): Promise<{ sessions: SessionStore; blobs: BlobStore }> {
  const half = maxBytes / 2;
  const sessions = new FileFolder(join(directory, 'sessions'), '.fastvideo-session', half, logger);
  const blobs = new FileFolder(join(directory, 'blobs'), '.fastvideo-blob', half, logger);
  const taken = new TakenMarkers(join(directory, 'taken'));
  try {
    await makeFolders(directory, 0o700);
    for (const folder of [sessions, blobs, taken]) await folder.open();
  } catch (error) {
    const reason = `The store file:${directory} cannot be used: ${systemReason(error)}; name a folder that this user can create and write.`;
    throw new FastVideoError('start_failed', reason, { cause: error });
  }
  const shared = { directory, logger, sweepEveryMs };
  const sessionCare = new FolderCare({
    ...shared,
    probe: () => sessions.probe(),
    sweep: async () => {
      await sessions.sweep();
      await taken.sweep();
    },
  });
  const blobCare = new FolderCare({ ...shared, probe: () => blobs.probe(), sweep: () => blobs.sweep() });
  return {
    sessions: createSessionStore(sessions, taken, sessionCare, half),
    blobs: createBlobStore(blobs, blobCare, half),
  };
}

function createSessionStore(
  records: FileFolder,
  taken: TakenMarkers,
  care: FolderCare,
  maxBytes: number,
): SessionStore {
  return {
    async put(key, record, ttlMs) {
      checkName(key);
      const bytes = Buffer.from(record);
      checkSize('record', bytes.length, maxBytes);
      return care.write(async () => {
        if (await taken.has(key)) return false;
        await records.write(key, bytes, ttlMs);
        // Who took the record meanwhile has made the marker before reading, so one of the two looks sees it.
        if (!(await taken.has(key))) return true;
        await records.remove(key);
        return false;
      });
    },
    async peek(key) {
      checkName(key);
      return care.read(async () => textOf(await records.read(key)));
    },
    async takeIf(key, record) {
      checkName(key);
      return care.read(async () => {
        const before = textOf(await records.read(key));
        if (before !== record) return before === undefined ? 'gone' : 'changed';
        if (!(await taken.claim(key))) return 'gone';
        // As below; a newer one is taken by another call, of whoever has read it.
        const latest = await records.read(key).catch(() => undefined);
        if (latest !== undefined && textOf(latest) !== record) {
          await taken.release(key);
          return 'changed';
        }
        await records.remove(key).catch(() => undefined);
        return 'taken';
      });
    },
    async take(key) {
      checkName(key);
      return care.read(async () => {
        const before = await records.read(key);
        if (before === undefined || !(await taken.claim(key))) return undefined;
        // Read again: between the two a newer one may have been put. From here on nobody else can have the record, so
        // what fails now must not lose it; what stays behind cannot be taken and expires.
        const latest = await records.read(key).catch(() => before);
        await records.remove(key).catch(() => undefined);
        return Buffer.from(latest ?? before).toString();
      });
    },
    health: () => care.health,
    close: () => care.close(),
  };
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString();
}

function createBlobStore(blobs: FileFolder, care: FolderCare, maxBytes: number): BlobStore {
  return {
    async put(bytes, ttlMs) {
      checkSize('blob', bytes.length, maxBytes);
      const blobId = randomUUID();
      await care.write(() => blobs.write(blobId, bytes, ttlMs));
      return blobId;
    },
    async get(blobId) {
      checkName(blobId);
      return care.read(() => blobs.read(blobId));
    },
    async touch(blobId, ttlMs) {
      checkName(blobId);
      return care.read(() => blobs.touch(blobId, ttlMs));
    },
    async delete(blobId) {
      checkName(blobId);
      await care.read(() => blobs.remove(blobId));
    },
    health: () => care.health,
    close: () => care.close(),
  };
}
