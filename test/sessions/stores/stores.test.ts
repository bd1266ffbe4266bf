import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe } from 'vitest';
import { openStores, parseStoreUrl } from '../../../src/core/sessions/stores/open-stores.ts';
import { needs } from '../../support/needs.ts';
import { type RedisServer, redisServer, startRedisServer } from '../../support/redis-server.ts';
import { describeStores } from './store-contract.ts';

const options = { maxBytes: 64_000_000, logger: pino({ level: 'silent' }) };

describeStores('memory', () => openStores(parseStoreUrl('memory:'), options));

describe('on a disk', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fastvideo-stores-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));
  describeStores('files', () => openStores(parseStoreUrl(`file:${directory}`), options));
});

describe('with a server', needs(redisServer), () => {
  let server: RedisServer | undefined;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server?.stop());
  describeStores('redis', () => openStores(parseStoreUrl(server?.url ?? ''), options));
});
