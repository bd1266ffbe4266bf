import type { Logger } from '../../base/log.ts';
import { parseStoreUrl } from '../../base/store/store-url.ts';
import type { AffinityStore } from './affinity-store.ts';
import { MemoryAffinity } from './memory-affinity.ts';

/** Opens `memory:` or a Redis; its code is loaded for that only. Throws `start_failed` when it cannot be used. */
export async function openAffinity(url: string, logger: Logger): Promise<AffinityStore> {
  const location = parseStoreUrl(url);
  if (location.kind !== 'redis') return new MemoryAffinity();
  const { RedisAffinity } = await import('./redis-affinity.ts');
  return await RedisAffinity.open(location, logger);
}
