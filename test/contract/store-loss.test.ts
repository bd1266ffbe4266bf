import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { redisServer } from '../support/redis-server.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient } from './client.ts';
import { makeSegment } from './segment.ts';
import { quick, readyServer } from './servers.ts';
import { disposableRedis, lossTest, startTests, wrongAddresses } from './store-loss-tests.ts';

describe('`fastvideo mock` whose Redis dies while a session streams', needs(redisServer), () =>
  lossTest('mock'),
);

describe('`fastvideo serve` whose Redis is away', needs(redisServer), () => {
  let server: ServerProcess;
  beforeAll(async () => {
    await using redis = await disposableRedis();
    server = await readyServer('serve', [...quick, '--streaming.store', redis.url]);
    await redis.kill();
  });
  afterAll(() => server.stop());

  it('takes and serves new sessions too', async () => {
    await using client = await ContractClient.open(server.url);
    await makeSegment(client, 'a red fox');
    expect(client.frames('error')).toEqual([]);
  });

  it('answers a resume with a retryable error that does not tell where the Redis is', async () => {
    await using client = await ContractClient.connect(server.url);
    client.send({ type: 'session_init_v2', resume: { session_id: 'any', resume_token: 'any' } });
    const message = 'The store cannot be used.';
    expect(await client.frame()).toEqual({ type: 'error', code: 'internal_error', message, retryable: true });
    expect(await client.next()).toEqual({ kind: 'close', code: 1011, reason: 'internal_error' });
  });
});

describe('`fastvideo mock` that is given a store', () => startTests('mock', wrongAddresses.slice(0, 1)));
