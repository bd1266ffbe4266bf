import type { Logger } from '../../core/base/log.ts';
import { isLoopback } from '../../core/server/access.ts';

/** Says where the router listens, and what to do where that is beyond this machine. */
export function announce(logger: Logger, address: { url: string; host: string; config: string }): void {
  const { url, host, config } = address;
  logger.info({ url, config }, `router listens on ${url}`);
  if (isLoopback(host)) return;
  logger.warn(
    { host },
    'anyone who can reach this address can use the replicas behind it: set server.api_keys in their configs (the router itself checks no keys), or router.host to 127.0.0.1',
  );
}
