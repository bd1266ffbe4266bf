import { createClient } from 'redis';
import { backoffMs } from '../async/backoff.ts';
import { redisScripts } from './redis-scripts.ts';
import type { RedisLocation } from './store-url.ts';

const connectTimeoutMs = 5000;
const pingEveryMs = 1000;
/** More than the pause of the pings and a slow answer: a connection without a sign of life is given up. */
const silenceMs = 5000;
const firstReconnectPauseMs = 50;
const longestReconnectPauseMs = 2000;

/** Not connected yet. `mayRetry` says whether a connection that fails or is lost is tried again, for ever. */
export function newRedisClient(
  { host, port, tls, username, password, database }: RedisLocation,
  mayRetry: () => boolean,
) {
  return createClient({
    // Also what older servers and proxies speak; nothing here needs RESP3.
    RESP: 2,
    database,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    socket: {
      host,
      port,
      ...(tls ? { tls: true as const } : {}),
      connectTimeout: connectTimeoutMs,
      socketTimeout: silenceMs,
      reconnectStrategy: (retries) => mayRetry() && reconnectPause(retries),
    },
    pingInterval: pingEveryMs,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    scripts: redisScripts,
  });
}

export type RedisClient = ReturnType<typeof newRedisClient>;

/** Growing up to 2 s, each a little different, so that replicas do not all come back in the same moment. */
function reconnectPause(retries: number): number {
  return backoffMs(retries, firstReconnectPauseMs, longestReconnectPauseMs) * (0.75 + Math.random() / 4);
}
