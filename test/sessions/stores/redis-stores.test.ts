import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../../support/needs.ts';
import { type RedisServer, redisServer, startRedisServer } from '../../support/redis-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { long, messageOf, redisStores, storeFailed } from './opened-redis.ts';
import { newKey } from './store-contract.ts';

const { open, logged } = redisStores();

describe('redis stores of two replicas', needs(redisServer), () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server.stop());

  it('share records, blobs and what was taken', async () => {
    const [one, other] = [await open(server.url), await open(server.url)];
    const key = newKey();
    await one.sessions.put(key, 'record', long);
    const blob = await one.blobs.put(Uint8Array.of(1), long);
    expect(await other.blobs.get(blob)).toEqual(Uint8Array.of(1));
    expect(await other.sessions.take(key)).toBe('record');
    expect(await one.sessions.put(key, 'late', long)).toBe(false);
    expect(await one.sessions.take(key)).toBeUndefined();
  });

  it('give a record to one of them', async () => {
    const stores = [await open(server.url), await open(server.url)];
    for (let round = 0; round < 20; round += 1) {
      const key = newKey();
      await stores[0]?.sessions.put(key, 'record', long);
      const answers = await Promise.all([...stores, ...stores].map(({ sessions }) => sessions.take(key)));
      expect(answers.filter((answer) => answer !== undefined)).toEqual(['record']);
    }
  });

  it('go on when one of them closes', async () => {
    const [one, other] = [await open(server.url), await open(server.url)];
    await one.sessions.close();
    expect(await one.blobs.put(Uint8Array.of(1), long)).toBeTypeOf('string');
    await one.blobs.close();
    await expect(one.blobs.put(Uint8Array.of(1), long)).rejects.toMatchObject(storeFailed);
    expect(await other.sessions.put(newKey(), 'record', long)).toBe(true);
  });

  it('refuse what is too large', async () => {
    const { sessions, blobs } = await open(server.url);
    const size = 64 * 1024 * 1024 + 1;
    const refused = { ...storeFailed, retryable: false, message: expect.stringContaining(String(size)) };
    await expect(blobs.put(new Uint8Array(size), long)).rejects.toMatchObject(refused);
    await expect(sessions.put(newKey(), 'x'.repeat(2_000_000), long)).rejects.toMatchObject(storeFailed);
    expect(sessions.health()).toEqual({ ok: true });
  });

  it('give the record again to a taker whose connection broke before the answer', async () => {
    const { redisScripts } = await import('../../../src/core/base/store/redis-scripts.ts');
    const { sessions } = await open(server.url);
    const key = newKey();
    await sessions.put(key, 'record', long);
    const client = createClient({ url: server.url, RESP: 2, scripts: redisScripts });
    await client.connect();
    const take = (claim: string) => client.takeRecord(key, { claim, takenMemoryMs: long, claimMs: long });
    expect([await take('mine'), await take('mine'), await take('yours')]).toEqual([
      'record',
      'record',
      undefined,
    ]);
    await client.close();
  });

  it('leave nothing without a time to live', async () => {
    const { sessions, blobs } = await open(server.url);
    const key = newKey();
    await sessions.put(key, 'record', long);
    await sessions.take(key);
    await blobs.put(Uint8Array.of(1), long);
    const client = createClient({ url: server.url });
    await client.connect();
    const keys = await client.keys('*');
    const ttls = await Promise.all(keys.map((name) => client.pTTL(name)));
    expect(keys.every((name) => name.startsWith('fastvideo:'))).toBe(true);
    expect(ttls.includes(-1)).toBe(false);
    await client.close();
  });
});

/** A way to the server that can break in the moment in which the server has done what it was asked, and not told. */
async function breakableWay(serverPort: number) {
  const open = new Set<Socket>();
  const state = { cut: false };
  const way = createServer((client) => {
    if (state.cut) {
      client.destroy();
      return;
    }
    const upstream = connect(serverPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (data) => {
      if (state.cut) client.destroy();
      else client.write(data);
    });
  });
  way.listen(0, '127.0.0.1');
  await once(way, 'listening');
  return {
    state,
    url: `redis://127.0.0.1:${(way.address() as AddressInfo).port}`,
    [Symbol.dispose]() {
      for (const socket of open) socket.destroy();
      way.close();
    },
  };
}

describe('a redis store whose answer to a take is lost', needs(redisServer), () => {
  it('still has the record for who asks again, once', async () => {
    const server = await startRedisServer();
    using way = await breakableWay(server.port);
    const { sessions } = await open(way.url);
    const key = newKey();
    await sessions.put(key, 'record', long);
    way.state.cut = true;
    await expect(sessions.takeIf(key, 'record')).rejects.toMatchObject(storeFailed);
    way.state.cut = false;
    await waitFor('return', () => sessions.health().ok);
    const tries = [
      await sessions.peek(key),
      await sessions.takeIf(key, 'record'),
      await sessions.peek(key),
      await sessions.takeIf(key, 'record'),
    ];
    expect(tries).toEqual(['record', 'taken', undefined, 'gone']);
    await server.stop();
  });
});

describe('redis stores whose server goes away', needs(redisServer), () => {
  let server: RedisServer;
  beforeEach(async () => {
    server = await startRedisServer();
  });
  afterEach(() => server.stop());

  it('fail while it is away, say so, and come back with it', async () => {
    const { sessions, blobs } = await open(server.url);
    await server.kill();
    await waitFor('loss', () => !sessions.health().ok);
    await expect(sessions.put(newKey(), 'record', long)).rejects.toMatchObject(storeFailed);
    await expect(blobs.get(crypto.randomUUID())).rejects.toMatchObject(storeFailed);
    expect(sessions.health()).toMatchObject({
      ok: false,
      reason: expect.any(String),
      since: expect.any(Number),
    });

    server = await startRedisServer(server.port);
    await waitFor('return', () => sessions.health().ok && blobs.health().ok);
    const key = newKey();
    await sessions.put(key, 'record', long);
    expect(await sessions.take(key)).toBe('record');
    const lines = logged();
    expect([lines.match(/store is unreachable/g), lines.match(/store is reachable again/g)]).toEqual([
      ['store is unreachable'],
      ['store is reachable again'],
    ]);
  });

  it('close while it is away', async () => {
    const { sessions, blobs } = await open(server.url);
    await server.kill();
    await waitFor('loss', () => !sessions.health().ok);
    await sessions.close();
    await blobs.close();
    await blobs.close();
    await expect(sessions.take(newKey())).rejects.toMatchObject(storeFailed);
  });

  it('do not start without a server', async () => {
    await server.stop();
    const message = await messageOf(open(`redis://me:secret@127.0.0.1:${server.port}`));
    expect(message).toContain(`redis://127.0.0.1:${server.port}/0`);
    expect(message).toContain('ECONNREFUSED');
    expect(message).not.toContain('secret');
    await expect(open(server.url)).rejects.toMatchObject({ code: 'start_failed' });
  });
});
