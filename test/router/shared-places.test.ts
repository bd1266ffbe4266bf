import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContractClient } from '../contract/client.ts';
import { makeSegment } from '../contract/segment.ts';
import { needs } from '../support/needs.ts';
import { type RedisServer, redisServer, startRedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { rowOf, stopAll } from './router-process.ts';
import { comeBack, sideBySide } from './side-by-side.ts';

describe('two routers that share a Redis', needs(redisServer), () => {
  let redis: RedisServer;
  let servers: Awaited<ReturnType<typeof sideBySide>>;
  beforeAll(async () => {
    redis = await startRedisServer();
    servers = await sideBySide(redis.url);
  });
  afterAll(async () => {
    await stopAll(...(servers ?? []));
    await redis?.stop();
  });

  it('find the session that a client left at the other one', async () => {
    const [left, right, one] = servers;
    const client = await ContractClient.open(left.url);
    await makeSegment(client, 'a red fox');
    const [assigned] = client.frames('gpu_assigned');
    expect((await rowOf(left, one.url)).active_sessions).toBe(1);
    await client[Symbol.asyncDispose]();
    expect(await comeBack(right, assigned, 1)).toMatchObject({ segment_idx: 1 });
  });

  it('go on without it, each with what it has seen', async () => {
    const [left, , one] = servers;
    const client = await ContractClient.open(left.url);
    await makeSegment(client, 'a red fox');
    const [assigned] = client.frames('gpu_assigned');
    await redis.stop();
    await client[Symbol.asyncDispose]();
    await waitFor('end', async () => (await rowOf(left, one.url)).active_sessions === 0);
    expect(await comeBack(left, assigned, 1)).toMatchObject({ segment_idx: 1 });
    await using next = await ContractClient.open(left.url);
    await makeSegment(next, 'another');
  });
});
