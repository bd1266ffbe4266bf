import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContractClient, type Frame } from '../contract/client.ts';
import { makeSegment } from '../contract/segment.ts';
import { quick, readyServer } from '../contract/servers.ts';
import { StreamRules } from '../contract/stream-rules.ts';
import { needs } from '../support/needs.ts';
import { type RedisServer, redisServer, startRedisServer } from '../support/redis-server.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { mocks, readyRouter, rowOf, stopAll } from './router-process.ts';

let redis: RedisServer;
const running: ServerProcess[] = [];
beforeEach(async () => {
  redis = await startRedisServer();
});
afterEach(async () => {
  await stopAll(...running.splice(0));
  await redis?.stop();
});

/** Two routers in front of two replicas, which keep their sessions each for itself. */
async function sideBySide(): Promise<[ServerProcess, ServerProcess, ServerProcess, ServerProcess]> {
  const [one, two] = await mocks(2, quick);
  if (!one || !two) throw new Error('Two were asked for.');
  const settings = { store: redis.url, policy: 'least_sessions' };
  // Each has the other one first.
  const left = await readyRouter([one.url, two.url], settings);
  const right = await readyRouter([two.url, one.url], settings);
  running.push(one, two, left, right);
  return [left, right, one, two];
}

function resumeOf(assigned: Frame | undefined): object {
  return { session_id: assigned?.session_id, resume_token: assigned?.resume_token };
}

/** Goes on behind so many segments. */
async function comeBack(
  router: ServerProcess,
  assigned: Frame | undefined,
  segments: number,
): Promise<Frame> {
  const rules = new StreamRules({ nextIdx: segments, durationMs: segments * 500 });
  await using client = await ContractClient.connect(router.url, { rules });
  client.send({ type: 'session_init_v2', resume: resumeOf(assigned) });
  await client.until('ltx2_stream_start');
  client.prompt('a bear');
  return await client.until('ltx2_segment_start');
}

describe('two routers that share a Redis', needs(redisServer), () => {
  it('find the session that a client left at the other one', async () => {
    const [left, right, one] = await sideBySide();
    const client = await ContractClient.open(left.url);
    await makeSegment(client, 'a red fox');
    const [assigned] = client.frames('gpu_assigned');
    expect((await rowOf(left, one.url)).active_sessions).toBe(1);
    await client[Symbol.asyncDispose]();
    expect(await comeBack(right, assigned, 1)).toMatchObject({ segment_idx: 1 });
  });

  it('find one that was moved since, under the name that its client knows', async () => {
    const [left, right, one, two] = await sideBySide();
    const client = await ContractClient.open(left.url);
    await makeSegment(client, 'a red fox');
    const [assigned] = client.frames('gpu_assigned');
    one.signal('SIGKILL');
    await waitFor('move', async () => (await rowOf(left, two.url)).active_sessions === 1);
    await makeSegment(client, 'a fox in snow');
    await client[Symbol.asyncDispose]();
    expect(await comeBack(right, assigned, 2)).toMatchObject({ segment_idx: 2 });
  });

  it('go on without it, each with what it has seen', async () => {
    const [left, , one] = await sideBySide();
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
