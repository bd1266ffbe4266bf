import { randomUUID } from 'node:crypto';
import { ExpiringMap } from './expiring-map.ts';
import type { BlobStore, SessionStore } from './store.ts';

/** Lost with the process; records of at most `maxBytes` in all. */
export function createMemorySessionStore(maxBytes: number): SessionStore {
  const records = new ExpiringMap<string>(maxBytes, (record) => Buffer.byteLength(record));
  return {
    async put(sessionId, record, ttlMs) {
      records.set(sessionId, record, ttlMs);
    },
    async get(sessionId) {
      return records.get(sessionId);
    },
    async delete(sessionId) {
      return records.delete(sessionId);
    },
    async close() {
      records.close();
    },
  };
}

/** Lost with the process; blobs of at most `maxBytes` in all. */
export function createMemoryBlobStore(maxBytes: number): BlobStore {
  const blobs = new ExpiringMap<Uint8Array>(maxBytes, (bytes) => bytes.length);
  return {
    async put(bytes, ttlMs) {
      const blobId = randomUUID();
      // A copy: the caller's bytes may be part of a larger buffer, which would be kept alive.
      blobs.set(blobId, Uint8Array.from(bytes), ttlMs);
      return blobId;
    },
    async get(blobId) {
      return blobs.get(blobId);
    },
    async delete(blobId) {
      blobs.delete(blobId);
    },
    async close() {
      blobs.close();
    },
  };
}
