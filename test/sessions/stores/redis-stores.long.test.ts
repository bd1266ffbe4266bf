import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../../support/needs.ts';
import { type RedisServer, redisServer, startRedisServer } from '../../support/redis-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { long, messageOf, redisStores, storeFailed } from './opened-redis.ts';
import { newKey } from './store-contract.ts';

const { open, logged } = redisStores();

describe('redis stores whose server goes away', needs(redisServer), () => {
  let server: RedisServer;
  beforeEach(async () => {
    server = await startRedisServer();
  });
  afterEach(() => server.stop());

  it('do not wait for a server that stands still', async () => {
    const { sessions } = await open(server.url);
    process.kill(server.pid, 'SIGSTOP');
    try {
      await expect(sessions.put(newKey(), 'record', long)).rejects.toMatchObject(storeFailed);
      await expect(sessions.put(newKey(), 'record', long)).rejects.toMatchObject(storeFailed);
      expect(sessions.health().ok).toBe(false);
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
    await waitFor('return', () => sessions.health().ok);
    expect(await sessions.put(newKey(), 'record', long)).toBe(true);
  });

  it('send a command again when its connection is cut', async () => {
    const { sessions } = await open(server.url);
    const other = createClient({ url: server.url });
    await other.connect();
    for (let round = 0; round < 5; round += 1) {
      const cut = other.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
      const keys = Array.from({ length: 20 }, newKey);
      const puts = await Promise.all(keys.map((key) => sessions.put(key, 'record', long)));
      const takes = await Promise.all(keys.map((key) => sessions.take(key)));
      expect([new Set(puts), new Set(takes)]).toEqual([new Set([true]), new Set(['record'])]);
      await cut;
      await waitFor('return', () => sessions.health().ok);
    }
    await other.close();
  });

  it('say that it has become a replica, until it is none', async () => {
    const { sessions } = await open(server.url);
    const other = createClient({ url: server.url });
    await other.connect();
    await other.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
    await expect(sessions.put(newKey(), 'record', long)).rejects.toMatchObject({
      ...storeFailed,
      message: expect.stringContaining('READONLY'),
    });
    expect(sessions.health()).toMatchObject({ ok: false, reason: expect.stringContaining('replica') });
    await other.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    await waitFor('return', () => sessions.health().ok);
    await other.close();
  });
});

describe('redis stores at an address where no Redis is', () => {
  it.each(['redis', 'rediss'])('do not start when %s:// is never answered', async (scheme) => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const started = open(`${scheme}://:secret@127.0.0.1:${port}`);
    await expect(started).rejects.toMatchObject({
      code: 'start_failed',
      message: expect.stringMatching(/^(?!.*secret).*no answer in time/),
    });
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });
});

describe('redis stores of a server with a password', needs(redisServer), () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer(undefined, ['--requirepass', 'right-secret']);
  });
  afterAll(() => server.stop());

  it('start with it, and never show it', async () => {
    const { sessions, blobs } = await open(`redis://:right-secret@127.0.0.1:${server.port}/2`);
    expect(await sessions.put(newKey(), 'record', long)).toBe(true);
    await server.kill();
    await waitFor('loss', () => !sessions.health().ok);
    const message = await messageOf(blobs.put(Uint8Array.of(1), long));
    expect(`${message} ${JSON.stringify(sessions.health())} ${logged()}`).not.toContain('secret');
    server = await startRedisServer(server.port, ['--requirepass', 'right-secret']);
    await waitFor('return', () => sessions.health().ok);
  });

  it.each([
    ['a wrong one', ':wrong-secret@', 'WRONGPASS'],
    ['none', '', 'NOAUTH'],
  ])('do not start with %s', async (_which, userInfo, reason) => {
    const message = await messageOf(open(`redis://${userInfo}127.0.0.1:${server.port}`));
    expect(message).toContain(reason);
    expect(message).not.toContain('secret');
  });
});
