import { describe, expect, it } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { listed, type RunningRouter, routerFor } from '../relay/fake-replica.ts';
import { RawClient } from '../relay/raw-client.ts';
import { freezing, init, open, type ScriptedReplica, scripted, transparent } from './scripted-replica.ts';

/** Lets each session in, and answers each further message with `heard`. */
async function answering(name: string, answersProbes = () => true): Promise<ScriptedReplica> {
  return await scripted(
    (socket, number) => {
      if (number === 0) open(socket, name);
      else socket.send(JSON.stringify({ type: 'heard', by: name }));
    },
    { answersProbes },
  );
}

async function opened(router: RunningRouter): Promise<RawClient> {
  const client = await RawClient.connect(router.url, { first: init });
  await waitFor('stream start', () => client.types().includes('ltx2_stream_start'));
  return client;
}

/** Who answers the client now. */
async function answerTo(client: RawClient): Promise<unknown> {
  const before = client.received.length;
  client.socket.send(JSON.stringify({ type: 'are you there' }));
  await client.gets(before + 1);
  return JSON.parse(String(client.received.at(-1)));
}

async function onlyHealthy(router: RunningRouter, { url }: ScriptedReplica): Promise<void> {
  await waitFor(`healthy ${url}`, () => {
    const [replica, ...others] = router.registry.replicas;
    return others.length === 0 && replica?.url === url && replica.health.state === 'healthy';
  });
}

describe('a replica that a reload takes off the list', () => {
  it('keeps the session that it has and gets no new one, nor that one again when it has lost it', async () => {
    await using gone = await answering('gone');
    await using stays = await answering('stays');
    await using router = await routerFor([gone], transparent);
    await using old = await opened(router);
    router.reload({ replicas: listed([stays]) });
    await onlyHealthy(router, stays);
    expect(await answerTo(old)).toEqual({ type: 'heard', by: 'gone' });
    await using fresh = await opened(router);
    expect(await answerTo(fresh)).toEqual({ type: 'heard', by: 'stays' });
    gone.socket().terminate();
    await waitFor('move', () => stays.requests.length === 2);
    expect(await answerTo(old)).toEqual({ type: 'heard', by: 'stays' });
    expect(gone.requests).toHaveLength(1);
    expect(old.ended).toBeUndefined();
  });

  it('is known to have its sessions when it comes back, and loses them when it freezes then', async () => {
    let isFrozen = false;
    await using first = await answering('first', () => !isFrozen);
    await using second = await answering('second');
    await using router = await routerFor([first, second], freezing);
    await using client = await opened(router);
    router.reload({ replicas: listed([second]) });
    router.reload({ replicas: listed([first, second]) });
    expect(router.registry.replicas.map(({ active }) => active)).toEqual([1, 0]);
    isFrozen = true;
    first.socket().pause();
    await waitFor('move', () => second.requests.length === 1);
    expect(await answerTo(client)).toEqual({ type: 'heard', by: 'second' });
    await waitFor('end', () => router.registry.replicas.map(({ active }) => active).join() === '0,1');
  });
});

describe('a replica that a reload adds', () => {
  it('is given a session that waits for one', async () => {
    await using lost = await answering('lost');
    await using added = await answering('added');
    await using router = await routerFor([lost], transparent);
    await using client = await opened(router);
    await lost[Symbol.asyncDispose]();
    await waitFor('loss', () => router.registry.replicas.every(({ active }) => active === 0));
    router.reload({ replicas: listed([lost, added]) });
    await waitFor('move', () => added.got.length === 1);
    expect(await answerTo(client)).toEqual({ type: 'heard', by: 'added' });
  });
});

describe('another "failover" after a reload', () => {
  it.each([
    ['error', 'transparent'],
    ['transparent', 'error'],
  ])('holds for connections to come: "%s" before, "%s" now', async (before, now) => {
    await using first = await answering('first');
    await using second = await answering('second');
    await using router = await routerFor([first], { ...transparent, failover: before });
    await using old = await opened(router);
    const sockets = [first.socket()];
    router.reload({ failover: now });
    await using fresh = await opened(router);
    sockets.push(first.socket());
    router.reload({ failover: now, replicas: listed([second]) });
    await onlyHealthy(router, second);
    for (const socket of sockets) socket.terminate();
    const [moved, ended] = before === 'transparent' ? [old, fresh] : [fresh, old];
    expect(await ended.closed()).toEqual({ code: 1011, reason: 'replica_lost' });
    await waitFor('move', () => second.requests.length === 1);
    expect(await answerTo(moved)).toEqual({ type: 'heard', by: 'second' });
  });
});
