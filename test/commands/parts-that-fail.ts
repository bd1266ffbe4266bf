import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll } from 'vitest';
import { type RedisServer, startRedisServer } from '../support/redis-server.ts';

export const noFolder = '/dev/null/here';
/** Arguments of a part that cannot be opened, and those of a server that can. */
export const noLogs = ['--streaming.session_log_dir', noFolder];
export const noKey = ['--streaming.prompt.enabled', 'true', '--streaming.prompt.provider', 'groq'];
export const serveTestPattern = ['serve', '--port', '0', '--generator.model_path', 'mock:gradient'];
export const replicas = ['--router.replicas', '[{"url": "http://127.0.0.1:9"}]'];

/** A Redis and a port that is taken, for the tests of the `describe` that calls this; the answers are for within them. */
export function redisAndTakenPort(): { redis(): RedisServer; takenPort(): readonly string[] } {
  let redis: RedisServer | undefined;
  let taken: Server | undefined;
  beforeAll(async () => {
    redis = await startRedisServer();
    taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
  });
  afterAll(async () => {
    taken?.close();
    await redis?.stop();
  });
  return {
    redis: () => {
      if (!redis) throw new Error('The Redis is not there yet.');
      return redis;
    },
    takenPort: () => {
      const address = taken?.address() as AddressInfo | undefined;
      return ['--port', String(address?.port)];
    },
  };
}
