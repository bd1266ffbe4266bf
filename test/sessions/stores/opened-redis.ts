import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { afterEach, beforeEach } from 'vitest';
import { openStores, parseStoreUrl } from '../../../src/core/sessions/stores/open-stores.ts';

export const long = 3_600_000;
export const storeFailed = { code: 'store_failed' };

/** Opens stores that are closed when a test has ended, and keeps what they log. To be called in a test file. */
export function redisStores() {
  const toClose: { close(): Promise<void> }[] = [];
  let log: PassThrough;
  beforeEach(() => {
    log = new PassThrough();
  });
  afterEach(async () => {
    for (const store of toClose.splice(0)) await store.close();
  });
  return {
    open: async (url: string) => {
      const stores = await openStores(parseStoreUrl(url), { maxBytes: 1_000_000, logger: pino(log) });
      toClose.push(stores.sessions, stores.blobs);
      return stores;
    },
    logged: () => String(log.read() ?? ''),
  };
}

/** Everything that a person could see of an error. */
export async function messageOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return `${error} ${JSON.stringify(error)} ${error instanceof Error ? error.cause : ''}`;
  }
  throw new Error('Nothing was thrown.');
}
