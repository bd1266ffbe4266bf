import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContractClient } from '../contract/client.ts';
import { makeSegment } from '../contract/segment.ts';
import { quick, readyServer } from '../contract/servers.ts';
import { needs } from '../support/needs.ts';
import { type RedisServer, redisServer, startRedisServer } from '../support/redis-server.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { readyRouter, rowOf, stopAll } from './router-process.ts';
import { comeBack, sideBySide } from './side-by-side.ts';

let redis: RedisServer;
const running: ServerProcess[] = [];
beforeEach(async () => {
  redis = await startRedisServer();
});
afterEach(async () => {
  await stopAll(...running.splice(0));
  await redis?.stop();
});

describe('two routers that share a Redis', needs(redisServer), () => {
  it('find one that was moved since, under the name that its client knows', async () => {
    const [left, right, one, two] = await sideBySide(redis.url);
    running.push(left, right, one, two);
    const client = await ContractClient.open(left.url);
    await makeSegment(client, 'a red fox');
    const [assigned] = client.frames('gpu_assigned');
    one.signal('SIGKILL');
    await waitFor('move', async () => (await rowOf(left, two.url)).active_sessions === 1);
    await makeSegment(client, 'a fox in snow');
    await client[Symbol.asyncDispose]();
    expect(await comeBack(right, assigned, 2)).toMatchObject({ segment_idx: 2 });
  });
});

describe('a router whose Redis cannot be reached', needs(redisServer), () => {
  it('does not start, and says what to do', async () => {
    const replica = await readyServer('mock', quick);
    running.push(replica);
    await redis.stop();
    await expect(readyRouter([replica.url], { store: redis.url })).rejects.toThrow(
      /The store redis:\/\/127\.0\.0\.1:\d+\/0 cannot be used .*: start Redis there, or give its address/,
    );
  });
});
