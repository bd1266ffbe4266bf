import { randomUUID } from 'node:crypto';
import { RESP_TYPES } from 'redis';
import type { Logger } from '../../base/log.ts';
import { RedisConnection } from '../../base/store/redis-connection.ts';
import type { RedisLocation } from '../../base/store/store-url.ts';
import { ExpiringMap } from './expiring-map.ts';
import { type BlobStore, type SessionStore, takenMemoryMs } from './store.ts';
import { checkName, checkSize } from './store-checks.ts';

/** Far below the 512 MB of Redis: a larger value holds up everybody else on the connection. */
const maxBlobBytes = 64 * 1024 * 1024;
const maxRecordBytes = 1024 * 1024;
/** A transfer that is slower than this counts as stuck. */
const slowestBytesPerMs = 16 * 1024;
const claimMs = 30_000;
const mostUnsettled = 10_000;

/**
 * Sessions and blobs in a Redis (or Valkey) that replicas share, over one connection that is closed with the second
 * of the two. Throws `start_failed` when it cannot be reached.
 */
export async function openRedisStores(
  location: RedisLocation,
  { logger }: { readonly logger: Logger },
): Promise<{ sessions: SessionStore; blobs: BlobStore }> {
  const connection = await RedisConnection.open(location, logger);
  const open = new Set(['sessions', 'blobs']);
  const close = async (store: 'sessions' | 'blobs') => {
    open.delete(store);
    if (open.size === 0) await connection.close();
  };
  return {
    sessions: createSessionStore(connection, () => close('sessions')),
    blobs: createBlobStore(connection, () => close('blobs')),
  };
}

function createSessionStore(connection: RedisConnection, close: () => Promise<void>): SessionStore {
  /** By key: claims of takes whose answers were lost. The record may lie there. */
  const unsettled = new ExpiringMap<string>(mostUnsettled, () => 1);
  const takeUnderClaim = async (key: string, record?: string) => {
    const claim = unsettled.get(key) ?? randomUUID();
    const take = { claim, takenMemoryMs, claimMs, ...(record === undefined ? {} : { record }) };
    try {
      const reply = await connection.run((client) => client.takeRecord(key, take));
      unsettled.delete(key);
      return reply;
    } catch (error) {
      unsettled.set(key, claim, claimMs);
      throw error;
    }
  };
  return {
    async put(key, record, ttlMs) {
      checkName(key);
      checkSize('record', Buffer.byteLength(record), maxRecordBytes);
      return connection.run((client) => client.putRecord(key, record, wholeMs(ttlMs)));
    },
    async take(key) {
      checkName(key);
      return await takeUnderClaim(key);
    },
    async peek(key) {
      checkName(key);
      return connection.run((client) => client.peekRecord(key, unsettled.get(key) ?? 'none'));
    },
    async takeIf(key, record) {
      checkName(key);
      const reply = await takeUnderClaim(key, record);
      if (reply === undefined) return 'gone';
      return reply === record ? 'taken' : 'changed';
    },
    health: () => connection.health,
    close: async () => {
      unsettled.close();
      await close();
    },
  };
}

function createBlobStore(connection: RedisConnection, close: () => Promise<void>): BlobStore {
  return {
    async put(bytes, ttlMs) {
      checkSize('blob', bytes.length, maxBlobBytes);
      const blobId = randomUUID();
      // A copy: the caller may change its bytes while they wait to be sent.
      const copy = Buffer.from(bytes);
      const expiration = { type: 'PX' as const, value: wholeMs(ttlMs) };
      await connection.run(
        (client) => client.set(blobKey(blobId), copy, { expiration }),
        bytes.length / slowestBytesPerMs,
      );
      return blobId;
    },
    async get(blobId) {
      checkName(blobId);
      const bytes = await connection.run(
        (client) => client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }).get(blobKey(blobId)),
        maxBlobBytes / slowestBytesPerMs,
      );
      // Not a Buffer: its `slice` shares memory, and callers see a plain Uint8Array.
      return bytes === null ? undefined : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    },
    async touch(blobId, ttlMs) {
      checkName(blobId);
      return (await connection.run((client) => client.pExpire(blobKey(blobId), wholeMs(ttlMs)))) === 1;
    },
    async delete(blobId) {
      checkName(blobId);
      await connection.run((client) => client.unlink(blobKey(blobId)));
    },
    health: () => connection.health,
    close,
  };
}

function blobKey(blobId: string): string {
  return `fastvideo:blob:{${blobId}}`;
}

/** Redis takes whole milliseconds, and none below one. */
function wholeMs(ttlMs: number): number {
  return Math.max(1, Math.ceil(ttlMs));
}
