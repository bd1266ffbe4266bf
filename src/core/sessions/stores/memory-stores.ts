import { randomUUID } from 'node:crypto';
import { ExpiringMap } from './expiring-map.ts';
import { type BlobStore, type SessionStore, takenMemoryMs } from './store.ts';
import { checkSize } from './store-checks.ts';

/** A key that was taken costs about this much to remember. */
const takenBytes = 200;
const takenKeys = 10_000;

/** Lost with the process; records of at most `maxBytes` in all. */
export function createMemorySessionStore(maxBytes: number): SessionStore {
  const records = new ExpiringMap<string>(maxBytes, (record) => Buffer.byteLength(record));
  const taken = new ExpiringMap<true>(takenKeys * takenBytes, () => takenBytes);
  const remove = (key: string) => {
    records.delete(key);
    taken.set(key, true, takenMemoryMs);
  };
  return {
    async put(key, record, ttlMs) {
      checkSize('record', Buffer.byteLength(record), maxBytes);
      if (taken.get(key)) return false;
      records.set(key, record, ttlMs);
      return true;
    },
    async peek(key) {
      return records.get(key);
    },
    async takeIf(key, record) {
      const found = records.get(key);
      if (found === undefined) return 'gone';
      if (found !== record) return 'changed';
      remove(key);
      return 'taken';
    },
    async take(key) {
      const record = records.get(key);
      if (record !== undefined) remove(key);
      return record;
    },
    health: () => ({ ok: true }),
    async close() {
      records.close();
      taken.close();
    },
  };
}

/** Lost with the process; blobs of at most `maxBytes` in all. */
export function createMemoryBlobStore(maxBytes: number): BlobStore {
  const blobs = new ExpiringMap<Uint8Array>(maxBytes, (bytes) => bytes.length);
  return {
    async put(bytes, ttlMs) {
      checkSize('blob', bytes.length, maxBytes);
      const blobId = randomUUID();
      // Bytes that are part of a larger buffer would keep all of it alive; others need no second copy.
      const whole = bytes.byteLength === bytes.buffer.byteLength;
      blobs.set(blobId, whole ? bytes : Uint8Array.from(bytes), ttlMs);
      return blobId;
    },
    async get(blobId) {
      return blobs.get(blobId);
    },
    async touch(blobId, ttlMs) {
      const bytes = blobs.get(blobId);
      if (bytes === undefined) return false;
      blobs.set(blobId, bytes, ttlMs);
      return true;
    },
    async delete(blobId) {
      blobs.delete(blobId);
    },
    health: () => ({ ok: true }),
    async close() {
      blobs.close();
    },
  };
}
