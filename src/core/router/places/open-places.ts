import type { Logger } from '../../base/log.ts';
import { parseStoreUrl } from '../../sessions/stores/store-url.ts';
import { MemoryPlaces } from './memory-places.ts';
import type { PlaceStore } from './place-store.ts';

/** Opens `memory:` or a Redis; its code is loaded for that only. Throws `start_failed` when it cannot be used. */
export async function openPlaces(url: string, logger: Logger): Promise<PlaceStore> {
  const location = parseStoreUrl(url);
  if (location.kind !== 'redis') return new MemoryPlaces();
  const { RedisPlaces } = await import('./redis-places.ts');
  return await RedisPlaces.open(location, logger);
}
