import type { Logger } from '../../base/log.ts';
import type { StoreLocation } from '../../base/store/store-url.ts';
import { createMemoryBlobStore, createMemorySessionStore } from './memory-stores.ts';
import type { BlobStore, SessionStore } from './store.ts';

export { parseStoreUrl, type StoreLocation } from '../../base/store/store-url.ts';

export interface OpenStores {
  readonly sessions: SessionStore;
  readonly blobs: BlobStore;
  readonly kind: StoreLocation['kind'];
}

export interface StoreOptions {
  /** Of memory and files: sessions and blobs get half each. A Redis is bounded by its own `maxmemory`. */
  readonly maxBytes: number;
  readonly logger: Logger;
}

/**
 * Opens the stores at a location; only the code of that kind is loaded. Throws `start_failed` when the folder cannot
 * be written or the Redis cannot be reached.
 */
export async function openStores(location: StoreLocation, options: StoreOptions): Promise<OpenStores> {
  switch (location.kind) {
    case 'memory': {
      const half = options.maxBytes / 2;
      return { kind: 'memory', sessions: createMemorySessionStore(half), blobs: createMemoryBlobStore(half) };
    }
    case 'file': {
      const { openFileStores } = await import('./file-stores.ts');
      return { kind: 'file', ...(await openFileStores(location.directory, options)) };
    }
    case 'redis': {
      const { openRedisStores } = await import('./redis-stores.ts');
      return { kind: 'redis', ...(await openRedisStores(location, options)) };
    }
  }
}
